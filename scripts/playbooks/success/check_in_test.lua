local function customer(world, fields)
  world:segment("key", "tier = gold")
  world:segment("growth", "tier = silver")
  local csm = world:user { name = "Lee", manager = world:user { name = "Park" } }
  local account = { name = "Acme", tier = "gold", stage = "active", owner = csm, goals = "less paper" }
  for name, value in pairs(fields or {}) do account[name] = value end
  return world:account(account)
end

test("a key account is checked in with every other week", function(world)
  customer(world)
  world:advance "2 weeks"
  world:expect_task { step = "check in", title = "Check in with Acme", reason = { has = "what do they want to reach (less paper)" } }
end)

test("the others each quarter, and it can be left out altogether", function(world)
  world:settings { key_weeks = 0, weeks = 0 }
  customer(world)
  world:advance "200 days"
  world:expect_no_run()
end)

test("who is done with it is done", function(world)
  world:start(customer(world))
  world:answer(world:expect_task { step = "check in", due_on = world:day "5 business days" }, { outcome = "all well" })
  world:expect_run { outcome = "touched" }
end)

test("a call that was logged closes the task", function(world)
  local account = customer(world)
  world:start(account)
  world:interaction { account = account, kind = "call" }
  world:expect_no_task()
  world:expect_task { step = "check in", status = "cancelled", outcome = "a contact was logged" }
  world:expect_run { outcome = "touched" }
  world:expect_no_message()
end)

test("a late one still counts", function(world)
  local account = customer(world)
  world:start(account)
  world:advance "7 business days"
  world:answer(world:expect_task { step = "check in" })
  world:expect_run { outcome = "touched" }
  world:expect_no_message()
end)

test("one that is not wanted is no miss", function(world)
  world:start(customer(world))
  world:answer(world:expect_task { step = "check in" }, "cancelled")
  world:expect_run { outcome = "not_wanted" }
  world:expect_no_message()
end)

test("a missed one is told once and leaves nothing open", function(world)
  world:settings { key_weeks = 12 }
  world:start(customer(world))
  world:advance "10 business days"
  world:expect_message { to = "Park", text = "Acme: the check-in was missed" }
  world:expect_no_task()
  world:expect_run { outcome = "missed" }
end)

test("who leaves is checked in with no more", function(world)
  local account = customer(world)
  world:start(account)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  world:start(customer(world, { goals = false }))
  world:expect_task { title = "Acme 정기 연락", reason = { has = "목표(알 수 없음)" } }
end)
