local function ticket_of(world, fields, language)
  world:playbook "customer_updates"
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", owner = owner }
  world:owner { account = account, user = world:user { name = "Lee" }, role = "support", starts_on = "2025-01-01" }
  local ticket = { account = account, title = "no orders", severity = 2, status = "open", opened_at = "2026-03-02T08:30:00Z" }
  for name, value in pairs(fields or {}) do ticket[name] = value end
  return world:ticket(ticket)
end

-- Taken, solved, explained: up to the question whether it stayed away.
local function explained(world, ticket)
  world:answer(world:expect_task { step = "triage" })
  world:set(ticket, { status = "solved", root_cause = "a full disk", prevention = "an alarm at 80 percent" })
  world:answer(world:expect_task { step = "explain 1", assignee = "Kim" })
  world:advance "14 days"
end

test("a bad ticket is put before the support at once, and the customer is told where it stands", function(world)
  ticket_of(world)
  world:expect_task { step = "triage", assignee = "Lee", priority = "urgent", title = "Acme, severity 2: take it and say who works on it: no orders" }
  world:expect_task { step = "update 1", assignee = "Kim" }
end)

test("a small one is not", function(world)
  ticket_of(world, { severity = 3 })
  world:expect_no_run()
end)

test("it ends when the customer says that it stayed away", function(world)
  explained(world, ticket_of(world))
  world:answer(world:expect_task { step = "confirm 1", title = "Ask Acme: has it stayed away? no orders" }, "stayed away")
  world:expect_run { playbook = "incident", state = "ended", outcome = "confirmed" }
  world:expect_run { playbook = "customer_updates", state = "stopped" }
  world:expect_no_task()
  world:expect_no_message()
end)

test("no answer of the customer leaves it unconfirmed", function(world)
  explained(world, ticket_of(world))
  world:advance "11 business days"
  world:expect_run { playbook = "incident", outcome = "unconfirmed" }
end)

test("at severity 1 the manager knows after an hour that nobody took it", function(world)
  ticket_of(world, { severity = 1 })
  world:advance "1 hour"
  world:expect_message { to = "Han", text = "Acme, severity 1: nobody has taken it: no orders" }
end)

test("a ticket that is not solved goes up every three days, five times, and no more", function(world)
  ticket_of(world)
  world:answer(world:expect_task { step = "triage" })
  world:advance "3 months"
  world:expect_count(5, "message", { text = "Acme, severity 2: not solved yet: no orders" })
  world:expect_run { playbook = "incident", state = "ended", outcome = "unsolved" }
end)

test("without a root cause it does not end quietly", function(world)
  local ticket = ticket_of(world)
  world:answer(world:expect_task { step = "triage" })
  world:set(ticket, "status", "closed")
  world:expect_task { title = "Acme: write the root cause into the ticket: no orders", assignee = "Lee", type = "root_cause" }
  world:set(ticket, "satisfaction", 3)
  world:advance "6 business days"
  world:expect_message { to = "Han", text = "Acme: nobody has written down why it happened: no orders" }
  world:advance "12 business days"
  world:expect_run { playbook = "incident", outcome = "without_cause" }
  world:expect_no_task { type = "root_cause" }
end)

test("a root cause that comes late goes on to the prevention", function(world)
  local ticket = ticket_of(world)
  world:answer(world:expect_task { step = "triage" })
  world:set(ticket, "status", "solved")
  world:advance "7 business days"
  world:set(ticket, "root_cause", "a full disk")
  world:expect_task { title = "Acme: write what keeps it from happening again into the ticket: no orders" }
  world:advance "6 business days"
  world:expect_message { text = "Acme: nobody has written down what keeps it from happening again: no orders" }
  world:advance "6 business days"
  world:expect_task { step = "explain 1" }
end)

test("where the administrator asks for the cause of the worst only, others end when they are solved", function(world)
  world:settings { cause_severity = 1 }
  local ticket = ticket_of(world)
  world:answer(world:expect_task { step = "triage" })
  world:set(ticket, "status", "solved")
  world:expect_run { playbook = "incident", outcome = "solved" }
end)

test("what comes back goes round again, three times at most", function(world)
  local ticket = ticket_of(world)
  explained(world, ticket)
  world:answer(world:expect_task { step = "confirm 1" }, "came back")
  world:expect_message { to = "Han", text = "Acme: it came back; open the ticket again: no orders" }
  world:set(ticket, "status", "open")
  world:expect_run { playbook = "incident", state = "waiting", waits_for = "solved 2.1/solved" }
  world:set(ticket, "status", "solved")
  for round = 2, 3 do
    world:advance "15 days"
    world:answer(world:expect_task { step = "confirm " .. round }, "came back")
    world:advance "3 business days"
  end
  world:expect_count(2, "run", { playbook = "customer_updates", state = "stopped" }) -- the third time it was never open
  world:expect_run { playbook = "incident", state = "ended", outcome = "came_back" }
end)

test("a ticket that is opened again while everybody waits has come back", function(world)
  local ticket = ticket_of(world)
  world:answer(world:expect_task { step = "triage" })
  world:set(ticket, { status = "solved", root_cause = "a full disk", prevention = "an alarm at 80 percent" })
  world:set(ticket, "status", "acting")
  world:advance "14 days"
  world:expect_message { text = "Acme: it came back; open the ticket again: no orders" }
  world:expect_run { playbook = "incident", state = "waiting", waits_for = "solved 2.1/solved" }
  world:expect_task { type = "update" }
end)

test("in Korean", function(world)
  local ticket = ticket_of(world, nil, "ko")
  world:expect_task { step = "update 1", title = "Acme에 진행 상황 전달: no orders" }
  explained(world, ticket)
  world:answer(world:expect_task { step = "confirm 1", title = "Acme에 확인: 재발하지 않았습니까? no orders" }, "재발 없음")
  world:expect_run { outcome = "confirmed" }
end)
