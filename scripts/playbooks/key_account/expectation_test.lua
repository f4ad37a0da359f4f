local function expected(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local expectation = { account = world:account { name = "Acme", owner = owner }, text = "answers within a day", said_in = "meeting", area = "service",
    status = "open", due_on = "2026-03-31", owner = world:user { name = "Sue" } }
  for name, value in pairs(fields or {}) do expectation[name] = value end
  return world:expectation(expectation)
end

test("a week before its day somebody is reminded, on the day it is asked", function(world)
  expected(world)
  world:advance "2026-03-23"
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task { step = "remind", assignee = "Sue", title = "Acme expects: answers within a day", due_on = "2026-03-31" }
  world:advance "2026-03-31"
  world:answer(world:expect_task { step = "was it met", assignee = "Sue" }, "exceeded")
  world:expect_run { outcome = "exceeded" }
  world:expect_no_task()
end)

test("what is met before needs no question", function(world)
  local expectation = expected(world)
  world:set(expectation, "status", "met")
  world:expect_run { outcome = "met" }
  world:expect_no_task()
end)

test("what is missed is made good", function(world)
  local expectation = expected(world)
  world:set(expectation, "status", "missed")
  world:answer(world:expect_task { step = "make good", assignee = "Kim", priority = "high" })
  world:expect_run { outcome = "made_good" }
  world:expect_no_message()
end)

test("what nobody says anything about counts as missed, and goes up when nobody makes it good", function(world)
  expected(world)
  world:advance "2026-04-08"
  world:expect_task { step = "make good" }
  world:advance "9 business days"
  world:expect_message { to = "Han", text = "Acme: missed and not made good: answers within a day" }
  world:expect_run { outcome = "missed" }
end)

test("what cannot be made good is the manager's", function(world)
  local expectation = expected(world)
  world:set(expectation, "status", "missed")
  world:answer(world:expect_task { step = "make good" }, "cancelled")
  world:expect_run { outcome = "missed" }
end)

test("one without a day is asked about after a quarter", function(world)
  expected(world, { due_on = false })
  world:advance "90 days"
  world:expect_task { step = "remind", due_on = world:day "7 days" }
  world:advance "7 days"
  world:answer(world:expect_task { step = "was it met" }, "met")
  world:expect_run { outcome = "met" }
end)

test("one that is dropped is over", function(world)
  local expectation = expected(world)
  world:set(expectation, "status", "dropped")
  world:expect_run { state = "stopped" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  expected(world)
  world:advance "2026-03-24"
  world:expect_task { title = "Acme의 기대: answers within a day" }
  world:advance "2026-03-31"
  world:answer(world:expect_task { step = "was it met" }, "초과 달성")
  world:expect_run { outcome = "exceeded" }
end)
