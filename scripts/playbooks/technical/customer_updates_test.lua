local function ticket_of(world, severity)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local ticket = world:ticket {
    account = world:account { name = "Acme", owner = owner }, title = "no orders come in", severity = severity, status = "acting",
    opened_at = "2026-03-02T08:00:00Z",
  }
  world:start(ticket)
  return ticket
end

test("it starts by hand or by another playbook only", function(world)
  world:ticket { account = world:account(), title = "x", severity = 1, status = "open" }
  world:expect_no_run()
end)

test("the customer is told at once, and again a business day later", function(world)
  ticket_of(world, 2)
  local update = world:expect_task { title = "Tell Acme where this stands: no orders come in", priority = "high", due_on = world:today() }
  world:answer(update)
  world:expect_no_task()
  world:advance "4 hours"
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task { step = "update 2" }
  world:expect_no_message()
end)

test("at severity 1 the clock counts, nights too", function(world)
  world:starts "2026-03-02 22:00"
  ticket_of(world, 1)
  world:answer(world:expect_task())
  world:advance "2 hours"
  world:expect_task { step = "update 2" }
end)

test("an update that nobody gives goes up once, and there is one task at a time", function(world)
  ticket_of(world, 1)
  world:advance "5 hours"
  world:expect_count(1, "message", { to = "Han", text = "Acme hears nothing about: no orders come in" })
  world:expect_count(1, "task", { type = "update" })
  world:answer(world:expect_task { step = "update 1" })
  world:advance "2 hours"
  world:expect_task { step = "update 2" }
end)

test("where nobody answers at all it ends", function(world)
  ticket_of(world, 1)
  world:advance "7 business days"
  world:expect_run { state = "ended", outcome = "given_up" }
end)

test("what is solved needs no news", function(world)
  local ticket = ticket_of(world, 2)
  world:set(ticket, "status", "solved")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("there is an end to it", function(world)
  world:settings { most = 2, urgent_hours = 1 }
  ticket_of(world, 1)
  world:answer(world:expect_task { step = "update 1" })
  world:advance "1 hour"
  world:answer(world:expect_task { step = "update 2" })
  world:advance "1 hour"
  world:expect_run { state = "ended", outcome = "long" }
end)

test("in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  world:start(world:ticket { account = world:account { name = "한빛", owner = owner }, title = "주문 불가", severity = 2, status = "open" })
  world:expect_task { title = "한빛에 진행 상황 전달: 주문 불가" }
end)
