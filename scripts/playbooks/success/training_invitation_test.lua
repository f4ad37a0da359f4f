local function account_of(world, fields)
  local account = { name = "Acme", owner = world:user { name = "Kim" } }
  for name, value in pairs(fields or {}) do account[name] = value end
  return world:account(account)
end

test("somebody begins it by hand; who came needs no call", function(world)
  world:start(account_of(world))
  world:answer(world:expect_task { step = "invite", title = "Invite Acme to the next training", due_on = world:day "5 business days" })
  world:advance "2 business days"
  world:answer(world:expect_task { step = "came", title = "Did Acme come to the next training?" }, "yes")
  world:expect_run { outcome = "came" }
  world:expect_no_task()
end)

test("who did not come is called", function(world)
  world:start(account_of(world))
  world:answer(world:expect_task { step = "invite" })
  world:advance "2 business days"
  world:answer(world:expect_task { step = "came" }, "no")
  world:expect_task { step = "call", title = "Acme did not come to the next training: call and offer another way" }
  world:expect_run { outcome = "did_not_come" }
end)

test("an invitation that nobody sends is closed", function(world)
  world:start(account_of(world))
  world:advance "11 business days"
  world:expect_no_task()
  world:expect_run { outcome = "not_invited" }
end)

test("an invitation that is not wanted ends it", function(world)
  world:start(account_of(world))
  world:answer(world:expect_task { step = "invite" }, "cancelled")
  world:expect_run { outcome = "not_invited" }
end)

test("a customer who leaves is invited no more", function(world)
  local account = account_of(world, { stage = "active" })
  world:start(account)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

-- As training_campaign begins it.
local function campaign(world, starts_on)
  world:playbook "training_campaign"
  world:segment("low_usage", "coverage = digital")
  account_of(world, { coverage = "digital" })
  world:programme { name = "First steps", kind = "training", starts_on = starts_on, owner = world:user { name = "Lee", language = "ko" } }
  world:answer(world:expect_approval())
end

test("it waits for the day of the training", function(world)
  campaign(world, "2026-03-20")
  world:answer(world:expect_task { title = "Invite Acme to First steps on 2026-03-20" })
  world:advance "2026-03-20"
  world:expect_no_task()
  world:advance "3 business days"
  world:expect_task { title = "Did Acme come to First steps on 2026-03-20?" }
end)

test("an invitation that was sent after the training goes on at once", function(world)
  campaign(world, "2026-03-04")
  world:advance "3 days"
  world:answer(world:expect_task { step = "invite" })
  world:advance "2 business days"
  world:expect_task { step = "came" }
end)

test("in Korean", function(world)
  world:start(account_of(world, { name = "한빛", owner = world:user { name = "민준", language = "ko" } }))
  world:expect_task { title = "한빛 초대: 다음 교육", reason = { has = "한빛의 사용량이 적습니다" } }
end)
