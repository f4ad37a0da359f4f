-- Kim of sales gives Acme to Lee, whose manager is Park; Kim's is Han.
local function handover_of(world, fields)
  local kim = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local lee = world:user { name = "Lee", manager = world:user { name = "Park" } }
  local handover = { account = world:account { name = "Acme", owner = kim }, from_user = kim, to_user = lee, status = "proposed" }
  for name, value in pairs(fields or {}) do handover[name] = value end
  return world:handover(handover)
end

test("the giver writes down what is missing, the taker accepts and calls", function(world)
  local handover = handover_of(world)
  world:expect_task { step = "write down", assignee = "Kim", due_on = world:day "2 business days" }
  world:expect_task { step = "take over", assignee = "Lee", title = "Accept Acme from Kim, or decline", due_on = world:day "5 business days" }
  world:set(handover, "status", "accepted")
  world:expect_no_task { step = "take over" }
  world:expect_task { step = "first call", assignee = "Lee", title = "Call Acme and introduce yourself" }
  world:expect_run { state = "ended", outcome = "accepted" }
end)

test("what is written down already is not asked for", function(world)
  handover_of(world, { promised = "24/7 support", checklist = "contacts, contract, open tickets" })
  world:expect_no_task { step = "write down" }
  world:expect_task { step = "take over", reason = { has = "promised to the customer: 24/7 support" } }
end)

test("a handover that is declined goes to the giver's manager, who finds somebody else", function(world)
  local handover = handover_of(world)
  world:set(handover, "status", "declined")
  world:expect_task { step = "another taker", assignee = "Han", title = "Find somebody else for Acme: Lee declined" }
  world:expect_no_task { step = "first call" }
  world:expect_run { outcome = "declined" }
end)

test("nobody answers: the taker's manager lets it go on", function(world)
  handover_of(world)
  world:advance "6 business days"
  world:answer(world:expect_task { step = "nobody answered", assignee = "Park" }, "go on")
  world:expect_task { step = "first call", assignee = "Lee" }
  world:expect_run { outcome = "timed_out" }
end)

test("nobody answers: the taker's manager gives it back", function(world)
  handover_of(world)
  world:advance "6 business days"
  world:answer(world:expect_task { step = "nobody answered" }, "give back")
  world:expect_message { to = "Kim", text = "Acme stays with you: the handover to Lee was not accepted" }
  world:expect_no_task { step = "first call" }
  world:expect_run { outcome = "given_back" }
end)

test("nobody answers at all: it goes on after the manager's days, and onboarding need not wait", function(world)
  handover_of(world)
  world:advance "10 business days"
  world:expect_run { state = "ended", outcome = "timed_out" }
  world:expect_task { step = "first call" }
end)

test("a handover that is agreed already is left alone", function(world)
  handover_of(world, { status = "accepted" })
  world:expect_no_run()
end)

test("a handover that is taken back leaves nothing open", function(world)
  local handover = handover_of(world)
  world:remove(handover)
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("each reads it in their own language", function(world)
  local handover = handover_of(world)
  world:set(world:expect_user { name = "Lee" }, "language", "ko")
  world:set(handover, "status", "accepted")
  world:expect_task { step = "first call", title = "Acme에 전화해 새 담당자로 인사하기" }
  world:expect_task { step = "write down", title = "Write down what Acme was promised and what has to be handed over" }
end)
