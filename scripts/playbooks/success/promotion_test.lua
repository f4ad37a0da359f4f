local function promotion_of(world, fields)
  world:playbook "promotion_offer"
  world:segment("growth", "tier = gold")
  local programme = { name = "Insight", kind = "promotion", starts_on = "2026-03-10", owner = world:user { name = "Kim" } }
  for name, value in pairs(fields or {}) do programme[name] = value end
  return world:programme(programme)
end

local function fitting(world, name)
  return world:account { name = name, tier = "gold", owner = world:user { name = "csm of " .. name } }
end

test("the accounts are counted, somebody approves, each account's people are asked", function(world)
  promotion_of(world)
  fitting(world, "Acme")
  fitting(world, "Bolt")
  world:account { name = "Small", tier = "silver" }
  world:answer(world:expect_approval { asked_of = "Kim", title = "Have Insight told to 2 accounts?", reason = { has = "no customer gets a message" } })
  world:expect_task { title = { has = "Tell Acme of Insight" }, assignee = "csm of Acme" }
  world:expect_task { title = { has = "Tell Bolt of Insight" }, assignee = "csm of Bolt" }
  world:expect_count(2, "task")
  world:expect_no_message()
  world:expect_run { playbook = "promotion", outcome = "told" }
end)

test("no more than the cap are told", function(world)
  world:settings { cap = 1 }
  promotion_of(world)
  fitting(world, "Acme")
  fitting(world, "Bolt")
  world:answer(world:expect_approval { reason = { has = "1 / 2 of segment growth; at most 1" } })
  world:expect_count(1, "run", { playbook = "promotion_offer" })
end)

test("nothing happens before somebody said yes", function(world)
  promotion_of(world)
  fitting(world, "Acme")
  world:expect_no_run { playbook = "promotion_offer" }
  world:answer(world:expect_approval(), "declined")
  world:expect_run { outcome = "not_approved" }
  world:expect_no_task()
end)

test("where it is for nobody, nobody is asked", function(world)
  promotion_of(world)
  world:expect_message { to = "Kim", text = "Insight: no account is in segment growth, so nobody is told" }
  world:expect_run { outcome = "nobody" }
end)

test("by hand: one that goes on is told, one that is over is not", function(world)
  local over = promotion_of(world, { starts_on = "2026-02-20", ends_on = "2026-02-27" })
  fitting(world, "Acme")
  world:start(over)
  world:expect_run { subject = over, state = "ended", outcome = "too_late" }
  world:expect_no_approval()
  local going = world:programme { name = "Goes on", kind = "promotion", starts_on = "2026-02-20", ends_on = "2026-04-30" }
  world:start(going)
  world:expect_approval { title = { has = "Have Goes on told" } }
end)

test("a training is no promotion", function(world)
  promotion_of(world, { kind = "training" })
  world:expect_no_run()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  promotion_of(world)
  fitting(world, "Acme")
  world:expect_approval { title = "고객 1곳에 Insight을(를) 알릴까요?" }
end)
