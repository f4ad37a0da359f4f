local function plan_of(world, language)
  world:settings { analyst = "owner" }
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local plan = world:plan {
    account = world:account { name = "Acme", owner = owner }, name = "Spring", type = "campaign", status = "running", goals = "2000 leads",
    starts_on = "2026-02-01", ends_on = "2026-03-04",
  }
  world:advance "2026-03-08"
  return plan
end

local function presented(world, word)
  world:answer(world:expect_task { step = "report", title = "Acme, Spring: results against 2000 leads" })
  world:answer(world:expect_approval { asked_of = "Han" })
  world:answer(world:expect_task { step = "present" }, word)
end

test("three days after the last day the results are gathered, not earlier", function(world)
  world:plan {
    account = world:account { name = "Acme" }, name = "Spring", type = "campaign", status = "running", starts_on = "2026-02-01",
    ends_on = "2026-03-04",
  }
  world:advance "2026-03-06"
  world:expect_no_task()
  world:advance "2026-03-08"
  world:expect_task { step = "report" }
end)

test("account plans and drafts have no wrap-up", function(world)
  local account = world:account { name = "Acme" }
  world:plan { account = account, name = "2026", type = "account", status = "running", starts_on = "2026-01-01", ends_on = "2026-03-04" }
  world:plan { account = account, name = "Idea", type = "campaign", status = "draft", starts_on = "2026-01-01", ends_on = "2026-03-04" }
  world:advance "30 days"
  world:expect_no_run()
end)

test("it is read inside, presented, and what was learnt is kept", function(world)
  plan_of(world)
  presented(world, "content")
  world:expect_run { state = "ended", outcome = "done" }
  world:expect_task { step = "learnt" }
end)

test("a report that is sent back is made again before the customer sees it", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "report" })
  world:answer(world:expect_approval(), { status = "declined", comment = "where is the cost of a lead?" })
  world:expect_no_task { step = "present" }
  world:answer(world:expect_task { step = "report again", reason = { has = "sent back: where is the cost of a lead?" } })
  world:expect_task { step = "present" }
end)

test("who wants to go on is asked for the brief", function(world)
  plan_of(world)
  presented(world, "again")
  world:expect_task { step = "next", type = "brief" }
  world:expect_run { outcome = "again" }
end)

test("an unhappy customer is the manager's", function(world)
  plan_of(world)
  presented(world, "unhappy")
  world:expect_message { to = "Han", text = { has = "Acme is not content with Spring" } }
  world:expect_run { outcome = "unhappy" }
end)

test("a report that nobody makes ends it after the owner was told", function(world)
  plan_of(world)
  world:advance "11 business days"
  world:expect_message { to = "Kim", text = "Acme, Spring: the wrap-up report is missing" }
  world:advance "8 business days"
  world:expect_run { outcome = "no_report" }
end)

test("results that nobody presents are told to the manager", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "report" })
  world:advance "16 business days"
  world:expect_message { to = "Han", text = "Acme has not seen the results of Spring" }
  world:expect_run { outcome = "not_presented" }
end)

test("in Korean", function(world)
  plan_of(world, "ko")
  world:expect_task { title = "Acme, Spring: 목표 대비 결과 정리 (2000 leads)" }
end)
