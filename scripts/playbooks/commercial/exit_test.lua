local function leaving(world)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Fin" }, role = "finance", starts_on = "2026-01-01" }
  world:set(account, "stage", "leaving")
  return account
end

local function final(world)
  local account = leaving(world)
  world:answer(world:expect_task { step = "final", assignee = "Han", title = "Acme is leaving: is it final?" }, "final")
  return account
end

test("all that we owe is done, then why it left is written down", function(world)
  local account = final(world)
  world:answer(world:expect_task { step = "obligations", assignee = "Kim" })
  world:answer(world:expect_task { step = "data" })
  world:expect_no_task { step = "lessons" }
  world:answer(world:expect_task { step = "invoice", assignee = "Fin", title = "Send Acme the last invoice, or the money back" })
  world:expect_task { step = "lessons" }
  world:expect_equal(world:read(account, "stage"), "former")
  world:expect_run { outcome = "left" }
end)

test("who can be kept is talked to, and stays", function(world)
  local account = leaving(world)
  world:answer(world:expect_task { step = "final" }, "it can be kept")
  world:expect_task { step = "keep", priority = "urgent" }
  world:set(account, "stage", "active")
  world:expect_run { state = "stopped" }
  world:expect_task { step = "keep", status = "cancelled", outcome = "the customer stays" }
  world:expect_message { to = "Han", text = "Acme stays: the exit was stopped" }
end)

test("who cannot be kept leaves in good order", function(world)
  leaving(world)
  world:answer(world:expect_task { step = "final" }, "it can be kept")
  world:answer(world:expect_task { step = "keep" })
  world:expect_task { step = "obligations" }
end)

test("who became somebody else's meanwhile is no exit of ours", function(world)
  local account = leaving(world)
  world:answer(world:expect_task { step = "final" }, "it can be kept")
  world:set(account, "stage", "prospect")
  world:answer(world:expect_task { step = "keep" })
  world:expect_run { outcome = "stayed" }
end)

test("nobody answers: what we owe is owed all the same", function(world)
  leaving(world)
  world:advance "6 business days"
  world:expect_task { step = "data" }
end)

test("what is not settled is told, and does not keep it open for ever", function(world)
  final(world)
  world:advance "26 business days"
  world:expect_message { to = "Han", text = "Acme has left and something is still owed: look at its open tasks" }
  world:expect_run { state = "ended", outcome = "not_closed" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  leaving(world)
  world:expect_task { title = "Acme 이탈 예정: 확정인가요?" }
end)
