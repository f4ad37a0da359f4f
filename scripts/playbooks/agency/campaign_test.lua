local parts = { "brief_gate", "campaign_strategy", "creative_rounds", "media_plan" }

local function plan_of(world, language)
  for i, name in ipairs(parts) do world:playbook(name, i > 1 and { maker = "owner" } or nil) end
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han", language = language } }
  local account = world:account { name = "Acme", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  return world:plan {
    account = account, name = "Spring", type = "campaign", status = "draft", goals = "2000 leads", market = "growers",
    starts_on = "2026-05-01", ends_on = "2026-06-30",
  }
end

local function agree(world, what)
  world:answer(world:expect_task { title = "Acme, Spring: make the " .. what })
  world:answer(world:expect_approval { title = { has = what } })
  world:answer(world:expect_task { title = { has = "Present the " .. what } }, "approved")
end

test("from the brief to the last day, one part after the other", function(world)
  plan_of(world)
  world:expect_no_task { title = { has = "strategy" } }
  world:answer(world:expect_task { title = { has = "can one start with this brief?" } }, "start")
  world:expect_no_task { title = { has = "creative" } }
  agree(world, "strategy")
  world:expect_no_task { title = { has = "media" } }
  agree(world, "creative work")
  agree(world, "media plan")
  world:answer(world:expect_approval { step = "money", asked_of = "Han" })
  world:answer(world:expect_approval { step = "money", asked_of = "Baek" })
  world:answer(world:expect_task { step = "book" })
  world:expect_run { playbook = "campaign", state = "waiting", waits_for = "last day" }
  world:advance "2026-07-01"
  world:expect_run { playbook = "campaign", state = "ended", outcome = "ran" }
end)

test("account plans are no campaigns", function(world)
  for _, name in ipairs(parts) do world:playbook(name) end
  world:plan { account = world:account { name = "Acme" }, name = "2026", type = "account", status = "draft", starts_on = "2026-01-01" }
  world:expect_no_run()
end)

test("a part that failed begins again when the manager says so, once", function(world)
  plan_of(world)
  world:answer(world:expect_task { title = { has = "can one start with this brief?" } }, "decline")
  world:answer(world:expect_approval { asked_of = "Han", title = "Acme, Spring: begin the brief again?", reason = { has = "declined" } })
  world:answer(world:expect_task { title = { has = "can one start with this brief?" } }, "decline")
  world:expect_run { playbook = "campaign", state = "ended", outcome = "no_brief" }
  world:expect_message { to = "Kim", text = { has = "the campaign stops at the brief" } }
end)

test("without the manager's word it stops there", function(world)
  plan_of(world)
  world:answer(world:expect_task { title = { has = "can one start with this brief?" } }, "start")
  world:advance "11 business days"
  world:advance "11 business days"
  world:answer(world:expect_approval { title = "Acme, Spring: begin the strategy again?" }, "declined")
  world:expect_run { playbook = "campaign", outcome = "no_strategy" }
end)

test("a campaign that is closed takes its parts and tasks along", function(world)
  local plan = plan_of(world)
  world:answer(world:expect_task { title = { has = "can one start with this brief?" } }, "start")
  world:set(plan, "status", "closed")
  world:expect_run { playbook = "campaign", state = "stopped" }
  world:expect_run { playbook = "campaign_strategy", state = "stopped" }
  world:expect_no_task()
end)

test("a part that somebody cancels is no yes", function(world)
  plan_of(world)
  world:stop(world:expect_run { playbook = "brief_gate" }, "wrong plan")
  world:expect_approval { title = "Acme, Spring: begin the brief again?", reason = { has = "wrong plan" } }
end)

test("in Korean", function(world)
  plan_of(world, "ko")
  world:answer(world:expect_task { title = { has = "이 브리프로 착수할 수 있습니까?" } }, "거절")
  world:expect_approval { title = "Acme, Spring: 브리프 다시 시작할까요?" }
end)
