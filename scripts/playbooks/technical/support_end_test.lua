local function environment_of(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local environment = {
    account = world:account { name = "Acme", owner = owner }, name = "prod", status = "live", version = "4.1",
    supported_until = "2026-08-29",
  }
  for name, value in pairs(fields or {}) do environment[name] = value end
  return world:environment(environment)
end

test("half a year before the end somebody says what was agreed, not earlier", function(world)
  environment_of(world, { supported_until = "2026-09-01" })
  world:advance "2 days"
  world:expect_no_run()
  world:advance "1 day"
  world:expect_task { title = "Acme, prod: support of 4.1 ends on 2026-09-01. What is agreed with the customer?" }
end)

test("an upgrade is done when the installation has a later end of support", function(world)
  local environment = environment_of(world)
  world:answer(world:expect_task { step = "way" }, { outcome = "upgrade" })
  world:expect_task { step = "upgrade", title = "Acme, prod: upgrade before 2026-08-29", due_on = "2026-07-30" }
  world:set(environment, "version", "4.2")
  world:expect_run { state = "waiting" }
  world:set(environment, "supported_until", "2028-08-31")
  world:expect_run { state = "ended", outcome = "settled" }
  world:expect_no_message()
end)

test("longer support is offered by the owner", function(world)
  environment_of(world)
  world:answer(world:expect_task { step = "way" }, { outcome = "extend" })
  world:expect_task { step = "extend", assignee = "Kim", type = "offer" }
end)

test("the risk is taken by the owner's manager and nobody else", function(world)
  environment_of(world)
  world:answer(world:expect_task { step = "way" }, { outcome = "accept" })
  world:answer(world:expect_approval { asked_of = "Han" })
  world:expect_run { state = "ended", outcome = "risk_accepted" }
end)

test("a risk that is not taken is escalated a month before the end, and again nobody is asked", function(world)
  environment_of(world)
  world:answer(world:expect_task { step = "way" }, { outcome = "accept" })
  world:answer(world:expect_approval(), "declined")
  world:advance "2026-08-02"
  world:expect_message { to = "Han", text = "Acme, prod: support of 4.1 ends on 2026-08-29, and nothing has changed" }
  world:advance "2026-09-01"
  world:expect_run { state = "ended", outcome = "unsupported" }
  world:expect_count(1, "message")
end)

test("an installation that goes is no question any more", function(world)
  local environment = environment_of(world)
  world:advance "20 business days"
  world:set(environment, "status", "retired")
  world:expect_run { outcome = "retired" }
end)

test("after the escalation there is still time to go, or to upgrade", function(world)
  local first = environment_of(world)
  local second = environment_of(world, { account = world:account { name = "Bolt", owner = "Kim" }, name = "test" })
  world:advance "2026-08-05"
  world:set(first, "status", "retired")
  world:set(second, "supported_until", "2027-08-31")
  world:advance "2026-09-01"
  world:expect_run { subject = first, outcome = "retired" }
  world:advance "2027-09-01"
  world:expect_run { subject = second, outcome = "settled" }
end)

test("in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  world:environment {
    account = world:account { name = "한빛", owner = owner }, name = "운영", status = "live", version = "4.1", supported_until = "2026-06-30",
  }
  world:answer(world:expect_task { title = "한빛 운영: 버전 4.1 지원이 2026-06-30에 끝납니다. 고객과 무엇을 합의했습니까?" },
               { outcome = "업그레이드" })
  world:expect_task { title = "한빛 운영: 2026-06-30 전에 업그레이드" }
end)
