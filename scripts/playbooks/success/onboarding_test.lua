local function newcomer(world, fields)
  local csm = world:user { name = "Lee", manager = world:user { name = "Park" } }
  local account = { name = "Acme", owner = csm, stage = "onboarding", goals = "invoices in one day" }
  for name, value in pairs(fields or {}) do account[name] = value end
  return world:account(account)
end

-- Up to the first use, without waiting for a handover.
local function set_up(world, fields)
  world:settings { gate_days = 0 }
  local account = newcomer(world, fields)
  world:answer(world:expect_task { step = "kick-off" })
  world:answer(world:expect_task { step = "set-up" })
  return account
end

test("it waits for the handover, and begins when that is accepted", function(world)
  local account = newcomer(world)
  local handover = world:handover { account = account, status = "proposed" }
  world:expect_no_task()
  world:advance "1 day"
  world:set(handover, "status", "accepted")
  world:expect_task { step = "kick-off", assignee = "Lee", due_on = world:day "5 business days" }
end)

test("without a handover it begins after some days", function(world)
  newcomer(world)
  world:advance "5 business days"
  world:expect_task { step = "kick-off", title = "Hold the kick-off with Acme: goals, people, dates" }
end)

test("what first value is has to be agreed on", function(world)
  world:settings { gate_days = 0 }
  newcomer(world, { goals = false })
  world:expect_task { step = "first value", title = "Agree with Acme what first value is, and write it into its goals" }
end)

test("from the kick-off over the first use to the first value", function(world)
  local account = set_up(world)
  world:expect_run { waits_for = "first use" }
  world:usage { account = account, uses = 3 }
  world:expect_no_task { step = "nobody uses it" }
  world:advance "89 days"
  world:expect_no_task()
  world:advance "1 day"
  world:answer(world:expect_task { step = "reached 1", title = "Has Acme reached its first value: invoices in one day?" }, "yes")
  world:expect_equal(world:read(account, "stage"), "active")
  world:expect_run { state = "ended", outcome = "first_value" }
  world:expect_no_message()
end)

test("a kick-off that does not happen is told once, and ends it when nothing helps", function(world)
  world:settings { gate_days = 0, stall_days = 10 }
  newcomer(world)
  world:advance "11 business days"
  world:expect_message { to = "Park", text = "Acme: onboarding has stalled for 10 business days at: kick-off" }
  world:advance "11 business days"
  world:expect_run { state = "ended", outcome = "stalled" }
  world:expect_count(1, "message")
end)

test("a set-up that comes late goes on", function(world)
  world:settings { gate_days = 0, stall_days = 10 }
  newcomer(world)
  world:answer(world:expect_task { step = "kick-off" })
  world:advance "11 business days"
  world:answer(world:expect_task { step = "set-up" })
  world:expect_run { waits_for = "first use" }
end)

test("a set-up that is called off ends it", function(world)
  world:settings { gate_days = 0 }
  newcomer(world)
  world:answer(world:expect_task { step = "kick-off" })
  world:answer(world:expect_task { step = "set-up" }, "cancelled")
  world:expect_run { outcome = "stalled" }
end)

test("nobody uses it: somebody calls", function(world)
  set_up(world)
  world:advance "31 days"
  world:expect_task { step = "nobody uses it", priority = "high",
    title = "Acme is set up but nobody has used it for 30 days: call and find out why" }
end)

test("who needs longer is asked again each month, three times at most", function(world)
  set_up(world)
  world:advance "90 days"
  world:answer(world:expect_task { step = "reached 1" }, "not yet")
  world:expect_message { to = "Park", text = "Acme has not seen its first value after the onboarding window: invoices in one day" }
  world:advance "30 days"
  world:expect_task { step = "reached 2" }
  world:advance "120 days"
  world:expect_run { state = "ended", outcome = "not_yet" }
  world:expect_count(3, "message")
end)

test("a window that is over already is asked about tomorrow", function(world)
  world:settings { gate_days = 0, window_days = 10 }
  newcomer(world)
  world:advance "12 days"
  world:answer(world:expect_task { step = "kick-off" })
  world:answer(world:expect_task { step = "set-up" })
  world:advance "32 days"
  world:expect_task { step = "reached 1" }
end)

test("a customer who leaves meanwhile is onboarded no more, and nothing stays open", function(world)
  world:settings { gate_days = 0 }
  local account = newcomer(world)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("it begins once a year at most", function(world)
  local account = set_up(world)
  world:usage { account = account, uses = 3 }
  world:advance "90 days"
  world:answer(world:expect_task { step = "reached 1" }, "yes")
  world:set(account, "stage", "onboarding")
  world:expect_count(1, "run")
end)

test("colleagues who read Korean are asked in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  local account = set_up(world)
  world:usage { account = account, uses = 1 }
  world:advance "90 days"
  world:answer(world:expect_task { title = "Acme, 첫 성과를 달성했나요: invoices in one day?" }, "예")
  world:expect_run { outcome = "first_value" }
end)
