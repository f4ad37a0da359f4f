local function plan_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han", language = language } }
  local plan = { account = world:account { name = "Acme", owner = owner }, name = "Spring", type = "campaign", status = "draft" }
  for name, value in pairs(fields or {}) do plan[name] = value end
  plan = world:plan(plan)
  world:start(plan)
  return plan
end

local complete = { goals = "2000 leads", market = "growers", starts_on = "2026-05-01", ends_on = "2026-06-30" }

test("a complete brief is a question for the lead alone", function(world)
  plan_of(world, complete)
  world:answer(world:expect_task { step = "start 1", assignee = "Han", due_on = world:day "3 business days" }, "start")
  world:expect_run { state = "ended", outcome = "accepted" }
end)

test("what is missing is asked for by name", function(world)
  local plan = plan_of(world, { starts_on = "2026-05-01" })
  local brief = world:expect_task { title = "Acme, Spring: get from the customer: what it is to reach, with a figure, whom it is for, last day" }
  world:set(plan, complete)
  world:answer(brief)
  world:expect_task { step = "start 1" }
end)

test("who says done without it is asked again, three times, and nothing starts", function(world)
  plan_of(world)
  for try = 1, 3 do
    world:answer(world:expect_task { step = "brief " .. try })
    world:expect_message { to = "Han", text = { has = "the brief is still incomplete: what it is to reach" } }
  end
  world:expect_run { state = "ended", outcome = "incomplete" }
  world:expect_no_task { type = "brief" }
end)

test("a brief that nobody gets is told to the lead", function(world)
  plan_of(world)
  world:advance "8 business days"
  world:expect_count(1, "message", { to = "Han" })
  world:expect_task { step = "brief 2" }
end)

test("a brief that is sent back is talked through with the customer", function(world)
  plan_of(world, complete)
  world:answer(world:expect_task { step = "start 1" }, "send back")
  world:answer(world:expect_task { step = "brief 2", title = { has = "what the lead asks for" }, reason = { has = "sent the brief back" } })
  world:answer(world:expect_task { step = "start 2" }, "decline")
  world:expect_run { outcome = "declined" }
end)

test("a customer who does not want it any more", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "brief 1" }, "cancelled")
  world:expect_run { outcome = "declined" }
end)

test("without the lead's word nothing is under way, and the owner knows", function(world)
  plan_of(world, complete)
  world:advance "4 business days"
  world:expect_message { to = "Kim", text = { has = "nothing is under way" } }
  world:expect_run { outcome = "undecided" }
end)

test("in Korean", function(world)
  plan_of(world, { starts_on = "2026-05-01" }, "ko")
  world:expect_task { title = "Acme, Spring: 고객에게 확인: 목표와 수치, 대상 고객, 종료일" }
end)
