local function household_of(world, certificates, language)
  local owner = world:user { name = "Kim", certificates = certificates, manager = world:user { name = "Han", language = language }, language = language }
  return world:account { name = "Lee family", kind = "household", stage = "active", owner = owner }, owner
end

test("a household of somebody certified needs nobody", function(world)
  household_of(world, "cfa, CFP 2027-01-31")
  world:expect_no_run()
end)

test("of somebody without, whoever leads them passes it on", function(world)
  local account = household_of(world, "cfa")
  world:expect_task { assignee = "Han", title = "Lee family: Kim has no cfp; give it to somebody who has", priority = "high" }
  world:set(account, "region", "EMEA")
  world:expect_run { state = "waiting" }
  world:set(account, "owner", world:user { name = "Lee", certificates = "cfp" })
  world:expect_run { state = "ended", outcome = "passed_on" }
  world:expect_no_task()
end)

test("who gets one keeps the household", function(world)
  local account, owner = household_of(world)
  world:set(owner, "certificates", "cfp 2028-01-01")
  world:set(account, "region", "EMEA")
  world:expect_run { outcome = "certified" }
end)

test("who got one without a word to the account is seen when time is up", function(world)
  local _, owner = household_of(world)
  world:set(owner, "certificates", "cfp 2028-01-01")
  world:advance "6 business days"
  world:expect_run { outcome = "certified" }
  world:expect_no_message()
end)

test("done without a certificate is not done", function(world)
  household_of(world)
  world:answer(world:expect_task())
  world:expect_message { to = "Kim", text = { has = "nobody with cfp looks after it" } }
  world:expect_run { outcome = "uncovered" }
end)

test("companies are another matter", function(world)
  world:account { name = "Acme", kind = "company", stage = "active", owner = world:user { name = "Kim" } }
  world:expect_no_run()
end)

test("in Korean", function(world)
  household_of(world, nil, "ko")
  world:expect_task { title = "Lee family: Kim 님은 cfp 자격 없음, 자격이 있는 사람에게 배정" }
end)
