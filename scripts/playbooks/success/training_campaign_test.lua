local function training_of(world, fields)
  world:playbook "training_invitation"
  world:segment("low_usage", "coverage = digital")
  local programme = { name = "First steps", kind = "training", starts_on = "2026-03-30", owner = world:user { name = "Kim" } }
  for name, value in pairs(fields or {}) do programme[name] = value end
  return world:programme(programme)
end

local function low(world, name)
  return world:account { name = name, coverage = "digital", owner = world:user { name = "csm of " .. name } }
end

test("the accounts are counted, somebody approves, each manager gets one task", function(world)
  training_of(world)
  low(world, "Acme")
  low(world, "Bolt")
  world:account { name = "Busy", coverage = "dedicated" }
  world:answer(world:expect_approval {
    asked_of = "Kim", title = "Invite 2 accounts to First steps on 2026-03-30?", reason = { has = "no customer gets a message" },
  })
  world:expect_task { title = "Invite Acme to First steps on 2026-03-30", assignee = "csm of Acme" }
  world:expect_task { title = "Invite Bolt to First steps on 2026-03-30" }
  world:expect_count(2, "task")
  world:expect_no_message()
  world:expect_run { playbook = "training_campaign", outcome = "invited" }
end)

test("no more than the cap are invited", function(world)
  world:settings { cap = 1 }
  training_of(world)
  low(world, "Acme")
  low(world, "Bolt")
  world:answer(world:expect_approval { reason = { has = "1 / 2 of segment low_usage; at most 1" } })
  world:expect_count(1, "run", { playbook = "training_invitation" })
end)

test("nothing happens before somebody said yes", function(world)
  training_of(world)
  low(world, "Acme")
  world:expect_no_run { playbook = "training_invitation" }
  world:answer(world:expect_approval(), "declined")
  world:expect_run { outcome = "not_approved" }
  world:expect_no_task()
end)

test("where nobody uses it little nobody is asked", function(world)
  training_of(world)
  world:expect_message { to = "Kim", text = "First steps: no account is in segment low_usage, so nobody is invited" }
  world:expect_no_approval()
  world:expect_run { outcome = "nobody" }
end)

test("a training of the past, and a seminar, invite nobody", function(world)
  training_of(world, { starts_on = "2026-03-02" })
  world:expect_run { outcome = "too_late" }
  world:programme { name = "Evening", kind = "seminar", starts_on = "2026-03-20" }
  world:expect_count(1, "run")
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  training_of(world)
  low(world, "Acme")
  world:expect_approval { title = "2026-03-30 First steps에 고객 1곳을 초대할까요?" }
end)
