-- A flight of 31 days with 3100 EUR: 100 a day.
local function flight_of(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local media = {
    account = world:account { name = "Acme", owner = owner }, name = "spring", status = "running", currency = "EUR",
    budget = 3100, starts_on = "2026-03-01", ends_on = "2026-03-31",
  }
  for name, value in pairs(fields or {}) do media[name] = value end
  return world:media(media)
end

test("a flight on its plan needs nobody", function(world)
  flight_of(world, { spent = 1000, spent_as_of = "2026-03-10" })
  world:advance "5 days"
  world:expect_no_task()
  world:expect_run { state = "waiting" }
end)

test("a flight without figures is watched and left alone", function(world)
  flight_of(world)
  world:expect_no_task()
  world:expect_run { state = "waiting" }
end)

test("a fifth too little is a task, less than two thirds goes to the manager, and each once", function(world)
  local media = flight_of(world, { spent = 800, spent_as_of = "2026-03-10" })
  world:expect_task { step = "pacing 1", title = "Acme: spring has spent 80% of its plan", type = "pacing" }
  world:set(media, { spent = 650, spent_as_of = "2026-03-11" })
  world:expect_message { to = "Han", text = "Acme: spring has spent 59% of its plan" }
  world:set(media, { spent = 640 })
  world:expect_count(1, "message")
end)

test("too much is told as too little is", function(world)
  local media = flight_of(world, { spent = 1200, spent_as_of = "2026-03-10" })
  world:expect_task { title = "Acme: spring has spent 120% of its plan" }
  world:set(media, { spent = 1500 })
  world:expect_message { text = "Acme: spring has spent 150% of its plan" }
end)

test("what gets better and worse again is told again", function(world)
  local media = flight_of(world, { spent = 800, spent_as_of = "2026-03-10" })
  world:set(media, { spent = 1000 })
  world:set(media, { spent = 800 })
  world:expect_count(2, "task", { type = "pacing" })
end)

test("figures from before the flight say nothing", function(world)
  flight_of(world, { spent = 10, spent_as_of = "2026-02-20" })
  world:expect_no_task()
end)

test("it ends with the flight", function(world)
  flight_of(world, { spent = 1000, spent_as_of = "2026-03-10" })
  world:advance "2026-04-06"
  world:expect_run { state = "ended", outcome = "ended" }
end)

test("it ends when the flight is stopped", function(world)
  local media = flight_of(world)
  world:set(media, "status", "ended")
  world:expect_run { state = "ended" }
end)

test("in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  world:media {
    account = world:account { name = "한빛", owner = owner }, name = "봄 영상", status = "running", currency = "KRW", budget = 3100,
    starts_on = "2026-03-01", ends_on = "2026-03-31", spent = 800, spent_as_of = "2026-03-10",
  }
  world:expect_task { title = "한빛: 봄 영상, 계획의 80% 집행" }
end)
