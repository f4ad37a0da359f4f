local function profile_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han", language = language } }
  local account = world:account { name = "Lee family", kind = "household", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  local profile = { account = account, kind = "suitability", status = "valid", drift = 0.08, drift_on = "2026-03-01" }
  for name, value in pairs(fields or {}) do profile[name] = value end
  return world:profile(profile)
end

local function agreed(world)
  world:answer(world:expect_task { step = "propose", assignee = "Kim" }, { outcome = "sell a little of the shares" })
  world:answer(world:expect_approval { asked_of = "Han", reason = { has = "sell a little of the shares" } })
  world:answer(world:expect_approval { asked_of = "Baek" })
end

test("eight points off: proposed, agreed to by two, accepted by the customer, carried out", function(world)
  local profile = profile_of(world)
  world:expect_no_approval()
  agreed(world)
  world:expect_no_task { type = "trade" }
  world:answer(world:expect_task { step = "customer", title = "Explain the rebalancing to Lee family, with its costs. What did they decide?" }, "accepts")
  world:answer(world:expect_task { step = "trade", assignee = "Baek" })
  world:set(profile, "drift", 0.01)
  world:expect_run { state = "ended", outcome = "rebalanced" }
end)

test("one yes is not two", function(world)
  profile_of(world)
  world:answer(world:expect_task { step = "propose" })
  world:answer(world:expect_approval { asked_of = "Han" })
  world:expect_no_task { step = "customer" }
  world:advance "4 business days"
  world:expect_message { to = "Kim", text = { has = "must not be proposed" } }
  world:expect_run { outcome = "refused" }
end)

test("a refusal says why, and nothing reaches the customer", function(world)
  profile_of(world)
  world:answer(world:expect_task { step = "propose" })
  world:answer(world:expect_approval { asked_of = "Han" }, { status = "declined", comment = "tax" })
  world:expect_message { to = "Kim", text = { has = "tax" } }
  world:expect_no_task()
end)

test("four points are no reason, and what swings around the limit is one run", function(world)
  local profile = profile_of(world, { drift = 0.04 })
  world:expect_no_run()
  world:set(profile, "drift", 0.051)
  world:answer(world:expect_task { step = "propose" }, "cancelled")
  world:expect_run { outcome = "not_proposed" }
  world:set(profile, "drift", 0.049)
  world:set(profile, "drift", 0.06)
  world:expect_count(1, "run")
end)

test("without a valid profile nothing is proposed", function(world)
  profile_of(world, { status = "expired" })
  world:expect_task { step = "profile", title = { has = "renew it first" } }
  world:expect_no_task { step = "propose" }
  world:advance "11 business days"
  world:expect_run { state = "ended", outcome = "no_profile" }
end)

test("with a renewed profile it goes on", function(world)
  local profile = profile_of(world, { status = "expired" })
  world:set(profile, "checked_on", "2026-03-02")
  world:set(profile, "status", "valid")
  world:expect_task { step = "propose" }
end)

test("what comes back by itself needs no proposal", function(world)
  local profile = profile_of(world)
  world:set(profile, "drift", 0.02)
  world:advance "9 business days"
  world:expect_run { outcome = "back" }
  world:expect_no_task()
end)

test("a proposal that nobody writes goes to the manager", function(world)
  profile_of(world)
  world:advance "9 business days"
  world:expect_message { to = "Han", text = { has = "nobody has proposed anything" } }
  world:expect_run { outcome = "not_proposed" }
end)

test("a customer who keeps it was told, and that is written down", function(world)
  profile_of(world)
  agreed(world)
  world:answer(world:expect_task { step = "customer" }, "keeps")
  world:expect_task { step = "write down", type = "disclosure" }
  world:expect_no_task { type = "trade" }
  world:expect_run { outcome = "kept" }
end)

test("no decision of the customer is no decision", function(world)
  profile_of(world)
  agreed(world)
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Lee family has not decided on the rebalancing" }
  world:expect_no_task { type = "trade" }
  world:expect_run { outcome = "no_word" }
end)

test("what was agreed on and not done is told", function(world)
  profile_of(world)
  agreed(world)
  world:answer(world:expect_task { step = "customer" }, "accepts")
  world:advance "9 business days"
  world:expect_message { to = "Han", text = { has = "still off its target" } }
  world:expect_run { outcome = "still_off" }
end)

test("in Korean", function(world)
  profile_of(world, nil, "ko")
  world:answer(world:expect_task { title = "Lee family: 포트폴리오 리밸런싱 제안 작성" })
  world:expect_approval { asked_of = "Han", title = "Lee family: 이 리밸런싱을 제안해도 됩니까?" }
end)
