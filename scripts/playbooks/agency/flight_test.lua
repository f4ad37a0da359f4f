local function flight_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local media = {
    account = world:account { name = "Acme", owner = owner }, name = "spring video", status = "planned",
    starts_on = "2026-03-09", ends_on = "2026-03-31",
  }
  for name, value in pairs(fields or {}) do media[name] = value end
  return world:media(media)
end

test("a week before the first day somebody checks that everything is there", function(world)
  flight_of(world, { starts_on = "2026-03-10" })
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task { title = "Acme, spring video: is everything there for 2026-03-10?", type = "check", due_on = "2026-03-06" }
end)

test("a flight that starts and ends on its days makes no noise", function(world)
  local media = flight_of(world)
  world:answer(world:expect_task())
  world:set(media, "budget", 1000)
  world:advance "2026-03-09"
  world:set(media, "status", "running")
  world:advance "2026-03-31"
  world:expect_run { state = "waiting" }
  world:set(media, "status", "ended")
  world:expect_run { state = "ended", outcome = "ran" }
  world:expect_no_message()
end)

test("one that does not run is urgent, and runs late", function(world)
  local media = flight_of(world)
  world:advance "2026-03-10"
  world:expect_message { to = "Kim", text = "Acme, spring video: it should have started on 2026-03-09 and does not run" }
  world:set(media, "status", "running")
  world:expect_no_task { step = "check" }
  world:set(media, "status", "ended")
  world:expect_run { outcome = "ran" }
end)

test("one that never runs is told to the customer by a person", function(world)
  flight_of(world)
  world:advance "2026-03-13"
  world:expect_message { to = "Han", text = { has = "the customer has to hear of it" } }
  world:expect_run { state = "ended", outcome = "not_started" }
end)

test("one that runs past its last day is urgent", function(world)
  world:set(flight_of(world), "status", "running")
  world:advance "2026-04-02"
  world:expect_message { to = "Kim", text = { has = "its last day was 2026-03-31 and it still runs" } }
  world:expect_run { outcome = "overran" }
end)

test("a start that moves is waited for", function(world)
  local media = flight_of(world)
  world:set(media, "starts_on", "2026-03-16")
  world:advance "2026-03-12"
  world:expect_no_message()
end)

test("in Korean", function(world)
  flight_of(world, nil, "ko")
  world:expect_task { title = "Acme, spring video: 2026-03-09 시작 준비 확인" }
end)
