local function plan_of(world, fields, account)
  local kim = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local about = { name = "Acme", owner = kim, customer_since = "2020-01-01" }
  for name, value in pairs(account or {}) do about[name] = value end
  local acme = world:account(about)
  world:owner { account = acme, user = world:user { name = "Choi" }, role = "executive", starts_on = "2026-01-01" }
  local plan = { account = acme, name = "2026", type = "account", status = "draft", starts_on = "2026-01-01", ends_on = "2026-12-31" }
  for name, value in pairs(fields or {}) do plan[name] = value end
  return world:plan(plan)
end

-- The four steps of the writing.
local function written(world, fields, account)
  local plan = plan_of(world, fields, account)
  for _, step in ipairs { "business plan", "environment", "figures", "strategy" } do
    world:answer(world:expect_task { step = step, assignee = "Kim" })
  end
  return plan
end

local function agreed(world, fields, account)
  local plan = written(world, fields, account)
  world:answer(world:expect_approval { asked_of = "Han" })
  world:answer(world:expect_approval { asked_of = "Choi" })
  return plan
end

test("seven steps, one after the other, and the plan is closed at the end of its year", function(world)
  local plan = agreed(world)
  world:expect_equal(world:read(plan, "status"), "running")
  world:answer(world:expect_task { step = "commit", title = { has = "5 of 7" } })
  world:advance "90 days"
  world:answer(world:expect_task { step = "review 1", title = "6 of 7: review the plan of Acme with the customer" })
  world:advance "90 days"
  world:answer(world:expect_task { step = "review 2" })
  world:advance "2026-11-30"
  world:expect_no_task { step = "wrap-up" }
  world:advance "2026-12-01"
  world:answer(world:expect_task { step = "wrap-up", title = { has = "carry the open actions over" }, due_on = "2026-12-31" })
  world:expect_equal(world:read(plan, "status"), "closed")
  world:expect_run { state = "ended", outcome = "closed" }
  world:expect_no_message()
end)

test("a campaign is a plan of another kind, and is left to the agency", function(world)
  plan_of(world, { type = "campaign" })
  world:expect_no_run {}
end)

test("a plan that does not say what it is, is one", function(world)
  plan_of(world, { type = false })
  world:expect_run {}
end)

test("what is written into the plan is no longer asked for", function(world)
  local plan = plan_of(world)
  world:set(plan, "owner", "Kim")
  world:expect_task { step = "business plan" }
  world:set(plan, "goals", "double in Asia")
  world:expect_task { step = "environment" }
  world:set(plan, "market", "two big competitors")
  world:expect_task { step = "figures" }
  world:expect_count(1, "task")
end)

test("a step that stands still is told once, and the next is asked for", function(world)
  plan_of(world)
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Acme: the account plan stands still at: business plan" }
  world:expect_task { step = "environment" }
  world:expect_count(1, "message")
end)

test("both leaders have to agree", function(world)
  local plan = written(world)
  world:expect_equal(world:read(plan, "status"), "proposed")
  world:answer(world:expect_approval { asked_of = "Han", title = { has = "Agree to the plan 2026 of Acme" } })
  world:expect_no_task { step = "commit" }
  world:answer(world:expect_approval { asked_of = "Choi" }, "declined")
  world:expect_equal(world:read(plan, "status"), "draft")
  world:expect_task { step = "not agreed" }
  world:expect_run { outcome = "not_approved" }
end)

test("what nobody decides in time is not agreed to", function(world)
  written(world)
  world:advance "11 business days"
  world:expect_run { outcome = "not_approved" }
end)

test("an account that never bought has no account plan", function(world)
  plan_of(world, nil, { customer_since = false })
  world:answer(world:expect_task { step = "deal", title = "Acme is not known to have bought anything: is there a deal?" }, "no")
  world:expect_task { step = "go to market" }
  world:expect_run { outcome = "no_deal_yet" }
end)

test("unless somebody knows of a deal", function(world)
  plan_of(world, nil, { customer_since = false })
  world:answer(world:expect_task { step = "deal" }, "yes")
  world:expect_task { step = "business plan" }
end)

test("a plan to go to market needs none", function(world)
  plan_of(world, { type = "go_to_market" }, { customer_since = false })
  world:expect_task { step = "business plan" }
end)

test("a plan without an end is reviewed for a year", function(world)
  agreed(world, { ends_on = false })
  world:answer(world:expect_task { step = "commit" })
  world:advance "361 days"
  world:expect_task { step = "review 4" }
  world:expect_task { step = "wrap-up" }
end)

test("a year that is not wrapped up is told, and closed all the same", function(world)
  local plan = agreed(world, { ends_on = "2026-04-30" })
  world:advance "2026-05-16"
  world:expect_message { to = "Han", text = "Acme: the year was not wrapped up; there is no plan for the next" }
  world:expect_equal(world:read(plan, "status"), "closed")
end)

test("a plan that is taken back leaves nothing open", function(world)
  world:remove(plan_of(world))
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  plan_of(world)
  world:expect_task { title = "7단계 중 1: Acme의 사업 계획을 계획의 goals에 적기" }
  world:advance "11 business days"
  world:expect_message { text = "Acme: 고객 계획이 멈춤, 단계: 고객 사업 계획" }
end)
