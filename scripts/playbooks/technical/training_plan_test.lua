local function contract_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language }
  local account = world:account { name = "Acme", owner = owner }
  world:owner { account = account, user = world:user { name = "Lee", language = language }, role = "tam", starts_on = "2025-01-01" }
  local contract = { account = account, name = "Core", status = "offered" }
  for name, value in pairs(fields or {}) do contract[name] = value end
  contract = world:contract(contract)
  world:set(contract, "status", "signed")
  return contract
end

local function session(world, n, state)
  world:answer(world:expect_task { step = "session " .. n })
  world:advance "21 days"
  world:answer(world:expect_task { step = "state " .. n }, state)
end

test("who signs is trained until they manage alone", function(world)
  contract_of(world)
  world:answer(world:expect_task { step = "plan", assignee = "Lee", title = "Agree with Acme who learns what by when" })
  session(world, 1, "more")
  session(world, 2, "alone")
  world:expect_run { state = "ended", outcome = "self_reliant" }
  world:expect_no_message()
end)

test("a renewal trains nobody", function(world)
  contract_of(world, { predecessor = world:contract { account = world:account { name = "Bolt" }, name = "Old" } })
  world:expect_no_run()
end)

test("three sessions are enough", function(world)
  contract_of(world)
  world:answer(world:expect_task { step = "plan" })
  for n = 1, 3 do session(world, n, "more") end
  world:expect_run { outcome = "not_yet" }
  world:expect_no_task()
end)

test("an empty room is told to the owner", function(world)
  contract_of(world)
  world:answer(world:expect_task { step = "plan" })
  session(world, 1, "nobody came")
  world:expect_message { to = "Kim", text = { has = "Nobody at Acme came to the training" } }
  world:expect_task { step = "session 2" }
end)

test("a session that is not held is told, and without any answer it ends", function(world)
  contract_of(world)
  world:answer(world:expect_task { step = "plan" })
  world:advance "26 business days"
  world:expect_message { to = "Kim", text = "Acme: session 1 of the training was not held" }
  world:advance "60 days"
  world:expect_run { state = "ended", outcome = "not_yet" }
end)

test("a plan that is not made goes to the owner", function(world)
  contract_of(world)
  world:advance "16 business days"
  world:expect_message { to = "Kim", text = "Acme: nobody has agreed on the training" }
  world:expect_run { outcome = "no_plan" }
end)

test("a customer who wants none has none", function(world)
  contract_of(world)
  world:answer(world:expect_task { step = "plan" }, "cancelled")
  world:expect_run { outcome = "not_wanted" }
end)

test("a cancelled contract stops it", function(world)
  world:set(contract_of(world), "status", "cancelled")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  contract_of(world, nil, "ko")
  world:answer(world:expect_task { title = "Acme 측과 교육 대상, 내용, 시기 합의" })
  world:expect_task { title = "Acme 교육 1회차" }
end)
