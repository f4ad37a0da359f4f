local function segments(world)
  world:segment("key", "tier = gold")
  world:segment("growth", "tier = silver")
end

-- An account of the segment with its owner and the owner's manager, and a contract that is active.
local function contract_of(world, fields)
  segments(world)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  fields.account = world:account { name = "Acme", tier = "gold", owner = owner }
  fields.status = "active"
  return world:contract(fields)
end

test("the owner is asked for a plan ninety days before the end, and not earlier", function(world)
  contract_of(world, { name = "Gold", ends_on = "2026-06-10" }) -- 100 days
  world:advance "9 days"
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task {
    step = "plan", title = "Write the renewal plan for Acme, Gold", assignee = "Kim", due_on = world:day "10 business days",
  }
end)

test("the lead time is the administrator's", function(world)
  world:settings { lead_days = 30, plan_days = 2 }
  contract_of(world, { name = "Gold", ends_on = "2026-04-11" }) -- 40 days
  world:expect_no_task()
  world:advance "10 days"
  world:expect_task { step = "plan", due_on = world:day "2 business days" }
end)

test("accounts outside of the segments are left alone", function(world)
  segments(world)
  world:contract { account = world:account { tier = "bronze" }, status = "active", ends_on = world:day "30 days" }
  world:expect_no_run()
end)

test("a contract without a name is told by its number", function(world)
  contract_of(world, { number = "C-7", ends_on = world:day "60 days" })
  world:expect_task { title = "Write the renewal plan for Acme, C-7" }
end)

test("a contract that is renewed while the plan is written is called for no more", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = world:day "60 days" })
  world:answer(world:expect_task { step = "plan" }, { outcome = "they stay" })
  world:set(contract, "status", "renewed")
  world:expect_run { state = "ended", outcome = "renewed" }
  world:expect_no_task()
end)

test("a plan that nobody writes goes to the owner's manager", function(world)
  contract_of(world, { name = "Gold", ends_on = world:day "60 days" })
  world:advance "15 business days"
  world:expect_no_message()
  world:advance "1 business day"
  world:expect_message { to = "Han", text = "Acme, Gold: no renewal plan yet" }
  world:expect_task { step = "plan late", assignee = "Han" }
end)

test("a week before the end the owner is told how many days are left", function(world)
  contract_of(world, { name = "Gold", ends_on = "2026-05-01" })
  world:advance "2026-04-24"
  world:expect_task { step = "last call", title = "Acme, Gold has not signed; 7 days left", due_on = "2026-04-27" }
  world:advance "2026-05-02"
  world:expect_run { state = "ended", outcome = "not_renewed" }
end)

test("an end that moves to tomorrow leaves one day", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = "2026-05-01" })
  world:answer(world:expect_task { step = "plan" })
  world:set(contract, "ends_on", "2026-03-03")
  world:expect_task { step = "last call", title = "Acme, Gold has not signed; 1 day left" }
end)

test("an end that moves into the past is not called for", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = "2026-05-01" })
  world:advance "3 days"
  world:answer(world:expect_task { step = "plan" })
  world:set(contract, "ends_on", "2026-03-04")
  world:expect_no_task { step = "last call" }
  world:expect_run { state = "ended", outcome = "not_renewed" }
end)

test("what ends within the week has its plan and no more", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = world:day "3 days" })
  world:expect_task { step = "plan", due_on = world:day "3 days" }
  world:advance "2 days"
  world:expect_count(1, "task")
  world:set(contract, "status", "renewed")
  world:expect_run { outcome = "renewed" }
end)

test("what renews itself is decided by the last day to give notice", function(world)
  contract_of(world, { name = "Gold", auto_renew = true, ends_on = "2026-05-20", notice_on = "2026-04-10" })
  world:answer(world:expect_task {
    title = "Decide on Acme, Gold: it renews itself after 2026-05-20; last day to give notice 2026-04-10",
  })
  world:advance "2026-04-03"
  world:expect_task { step = "last call", title = "Acme, Gold renews itself after 2026-05-20; 7 days left to decide" }
  world:advance "2026-05-21"
  world:expect_run { state = "ended", outcome = "renewed" }
end)

test("notice that can no longer be given is not asked for", function(world)
  contract_of(world, { auto_renew = true, ends_on = "2026-05-20", notice_on = "2026-03-01" })
  world:expect_task { title = { has = "it renews itself after 2026-05-20" } }
  world:expect_no_task { title = { has = "notice" } }
end)

test("a cancelled contract stops it", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = world:day "60 days" })
  world:expect_run { state = "waiting", waits_for = "plan written" }
  world:set(contract, "status", "cancelled")
  world:expect_run { state = "stopped" }
end)

test("an end that is no longer known is not called for", function(world)
  local contract = contract_of(world, { name = "Gold", ends_on = "2026-04-10" })
  world:answer(world:expect_task { step = "plan" })
  world:set(contract, "ends_on", false)
  world:advance "30 days"
  world:expect_no_task { step = "last call", title = { has = "-" } }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  contract_of(world, { name = "Gold", auto_renew = true, ends_on = "2026-05-20", notice_on = "2026-04-10" })
  world:expect_task { step = "plan", title = "Acme, Gold 갱신 여부 결정: 2026-05-20 이후 자동 갱신; 해지 통보 기한 2026-04-10" }
  world:advance "2026-04-03"
  world:expect_message { to = "Han", text = "Acme, Gold: 갱신 계획이 아직 없음" }
  world:expect_task { step = "last call", title = "Acme, Gold: 2026-05-20 이후 자동 갱신, 결정까지 7일 남음" }
end)
