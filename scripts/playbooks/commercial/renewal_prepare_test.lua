local function contract_of(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local contract = { account = world:account { name = "Acme", owner = owner, goals = "less paper" }, name = "Gold", status = "active",
    ends_on = world:day "190 days", annual_amount = 12000, currency = "EUR" }
  for name, value in pairs(fields or {}) do contract[name] = value end
  return world:contract(contract)
end

local function ready(world)
  local contract = contract_of(world)
  world:advance "10 days"
  world:answer(world:expect_task { step = "value", title = "Write up what Acme got for its money", reason = { has = "goals: less paper" } })
  world:answer(world:expect_task { step = "people" })
  return contract
end

test("half a year before the end it is prepared, and not earlier", function(world)
  contract_of(world)
  world:advance "9 days"
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task { step = "value", due_on = world:day "15 business days" }
end)

test("the same again needs nobody's consent", function(world)
  ready(world)
  world:answer(world:expect_task { step = "what we want" }, "the same")
  world:expect_no_approval()
  world:expect_run { outcome = "prepared" }
end)

test("a lower price is agreed on before it is offered", function(world)
  ready(world)
  world:answer(world:expect_task { step = "what we want" }, "a lower price")
  world:answer(world:expect_approval { asked_of = "Han", title = "May we offer Acme: a lower price?", reason = { has = "12,000.00 EUR a year" } })
  world:expect_run { outcome = "prepared" }
end)

test("what is not agreed to is not prepared", function(world)
  ready(world)
  world:answer(world:expect_task { step = "what we want" }, "more")
  world:answer(world:expect_approval(), "declined")
  world:expect_run { outcome = "not_prepared" }
end)

test("one that we let run out is left alone", function(world)
  ready(world)
  world:answer(world:expect_task { step = "what we want" }, "let it run out")
  world:expect_run { outcome = "let_run_out" }
end)

test("what is not ready in time is the manager's", function(world)
  contract_of(world)
  world:advance "10 days"
  world:advance "21 business days"
  world:expect_message { to = "Han", text = { has = "Acme: Gold ends on 2026-09-08 and the renewal is not prepared" } }
  world:answer(world:expect_task { step = "what we want" }, "the same")
  world:expect_run { outcome = "not_prepared" }
end)

test("a contract that comes in late is the renewal's alone", function(world)
  contract_of(world, { ends_on = world:day "60 days" })
  world:expect_no_run()
end)

test("one that is cancelled leaves nothing open", function(world)
  local contract = contract_of(world)
  world:advance "10 days"
  world:set(contract, "status", "cancelled")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  contract_of(world)
  world:advance "10 days"
  world:expect_task { title = "Acme 갱신 결정권자 확인" }
end)
