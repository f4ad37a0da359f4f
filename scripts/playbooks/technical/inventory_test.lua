local function account_of(world, fields)
  world:starts "2026-01-05"
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = { name = "Acme", stage = "active", owner = owner }
  for name, value in pairs(fields or {}) do account[name] = value end
  account = world:account(account)
  world:owner { account = account, user = world:user { name = "Lee" }, role = "tam", starts_on = "2025-01-01" }
  world:start(account)
  return account
end

test("the technical manager says that the list is right", function(world)
  account_of(world)
  local list = world:expect_task {
    assignee = "Lee", title = { has = "are the listed installations all there are" }, due_on = world:day "10 business days",
  }
  world:answer(list, { outcome = "right" })
  world:expect_run { state = "ended", outcome = "confirmed" }
  world:expect_no_message()
end)

test("a list that was put right is told apart", function(world)
  account_of(world)
  world:answer(world:expect_task(), { outcome = "corrected" })
  world:expect_run { outcome = "corrected" }
end)

test("what nobody knows is found out with the customer, then asked again", function(world)
  account_of(world)
  world:answer(world:expect_task(), { outcome = "unknown" })
  world:answer(world:expect_task { step = "find out", title = { has = "Go through the installations with Acme" } })
  world:answer(world:expect_task { step = "list 2" }, { outcome = "right" })
  world:expect_run { outcome = "confirmed" }
end)

test("unknown twice goes to the manager and ends", function(world)
  account_of(world)
  world:answer(world:expect_task(), { outcome = "unknown" })
  world:advance "11 business days"
  world:answer(world:expect_task { step = "list 2" }, { outcome = "unknown" })
  world:expect_message { to = "Han", text = "Acme: nobody can say which installations there are" }
  world:expect_run { state = "ended", outcome = "open" }
end)

test("no answer goes to the manager, once", function(world)
  account_of(world)
  world:advance "11 business days"
  world:expect_count(1, "message", { to = "Han" })
  world:expect_run { outcome = "open" }
end)

test("a question that is closed is skipped without noise", function(world)
  account_of(world)
  world:answer(world:expect_task(), "cancelled")
  world:expect_run { outcome = "skipped" }
  world:expect_no_message()
end)

test("in a year an account is asked twice, a prospect never", function(world)
  world:starts "2026-01-05"
  world:account { name = "Acme", stage = "active", owner = world:user { name = "Kim" } }
  world:account { name = "Maybe", stage = "prospect" }
  world:advance "12 months"
  world:expect_count(2, "run", { playbook = "inventory" })
end)

test("a customer who leaves is not asked any more", function(world)
  local account = account_of(world)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("a colleague in Seoul is asked in Korean and answers in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  world:start(world:account { name = "한빛", stage = "active", owner = owner })
  world:answer(world:expect_task { title = "한빛: 설치 목록이 버전과 지원 종료일까지 모두 맞습니까?" }, { outcome = "맞음" })
  world:expect_run { outcome = "confirmed" }
end)
