-- Each test plays in a world of its own, on Monday, 2026-03-02. What a world can do stands in docs/playbooks.md.
local function sign(world)
  local manager = world:user { name = "Han" }
  local owner = world:user { name = "Kim", manager = manager }
  local account = world:account { name = "Acme", owner = owner }
  return world:contract { account = account, name = "Gold", status = "signed" }
end

test("a customer that signs is called within three business days", function(world)
  sign(world)
  local call = world:expect_task { step = "call", assignee = "Kim", due_on = world:day "3 business days" }
  world:answer(call)
  world:expect_run { state = "ended", outcome = "called" }
  world:expect_no_message()
end)

test("the manager hears of a call that nobody makes", function(world)
  world:settings { call_days = 1 }
  sign(world)
  world:advance "3 business days"
  world:expect_no_message()
  world:advance "1 day"
  world:expect_message { to = "Han", text = "Acme was not called within its first week" }
  world:expect_run { outcome = "not_called" }
end)

test("a task that is taken away was no call", function(world)
  sign(world)
  world:set(world:expect_task { step = "call" }, "status", "cancelled")
  world:expect_run { state = "ended", outcome = "not_called" }
  world:expect_no_message()
end)

test("a contract that is cancelled is left alone", function(world)
  local contract = sign(world)
  world:set(contract, "status", "cancelled")
  world:advance "10 days"
  world:expect_run { state = "stopped" }
  world:expect_no_message()
end)
