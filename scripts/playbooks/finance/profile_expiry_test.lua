local function profile_of(world, expires_on)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", owner = owner }
  return world:profile { account = account, kind = "suitability", status = "valid", expires_on = expires_on }
end

test("thirty days before a profile expires the owner is asked to renew it", function(world)
  profile_of(world, "2026-04-11")
  world:advance "9 days"
  world:expect_no_task()
  world:advance "1 day"
  world:expect_task {
    title    = "Renew the suitability profile of Acme",
    assignee = "Kim",
    due_on   = world:day "10 business days",
    reason   = { has = "it is good until 2026-04-11; after that nothing may be proposed" },
  }
end)

test("a new date ends it, other news does not", function(world)
  local profile = profile_of(world, "2026-03-20")
  world:set(profile, "kind", "kyc")
  world:expect_run { state = "waiting", waits_for = "renewed 2" }
  world:set(profile, "expires_on", "2028-03-20")
  world:expect_run { state = "ended", outcome = "renewed" }
  world:expect_no_message()
end)

test("an expired profile blocks proposals and goes to the manager", function(world)
  profile_of(world, "2026-03-20")
  world:advance "2026-03-21"
  world:expect_task { title = "Acme: no proposals until the suitability profile is renewed", priority = "urgent", type = "block" }
  world:expect_message { to = "Han", text = "Acme: the suitability profile has expired" }
  world:expect_run { state = "ended", outcome = "expired" }
end)

test("a profile that is no longer valid is left alone", function(world)
  local owner = world:user { name = "Kim" }
  local account = world:account { owner = owner }
  world:profile { account = account, kind = "kyc", status = "expired", expires_on = world:day "20 days" }
  world:expect_no_run()
end)

test("in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  local account = world:account { name = "한빛 가족", owner = owner }
  world:profile { account = account, kind = "kyc", status = "valid", expires_on = "2026-03-20" }
  world:expect_task { title = "한빛 가족의 kyc 프로필 갱신", reason = { has = "2026-03-20까지 유효" } }
end)
