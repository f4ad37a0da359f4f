local function profile_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local profile = { account = world:account { name = "Lee family", kind = "household", owner = owner }, kind = "kyc", status = "draft" }
  for name, value in pairs(fields or {}) do profile[name] = value end
  return world:profile(profile)
end

test("a draft is completed with the customer", function(world)
  local profile = profile_of(world)
  world:expect_task { title = "Complete the kyc profile with Lee family", type = "profile", due_on = world:day "10 business days" }
  world:set(profile, "objectives", "a house")
  world:expect_run { state = "waiting" }
  world:set(profile, { status = "valid", complete = true })
  world:expect_run { state = "ended", outcome = "complete" }
  world:expect_no_task()
end)

test("a valid one of which something is missing too, a complete one not", function(world)
  profile_of(world, { status = "valid", complete = false })
  profile_of(world, { status = "valid", complete = true, account = world:account { name = "Park family" } })
  world:expect_count(1, "run")
end)

test("done is what the profile says, not the task", function(world)
  profile_of(world)
  world:answer(world:expect_task())
  world:expect_run { state = "waiting" }
end)

test("what is not completed goes to the manager once, and ends", function(world)
  profile_of(world)
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Lee family: the kyc profile is incomplete; nothing may be proposed" }
  world:advance "21 business days"
  world:expect_run { state = "ended", outcome = "incomplete" }
  world:expect_count(1, "message")
  world:expect_no_task { type = "profile" }
end)

test("after the manager was told it can still be completed, or dropped", function(world)
  local first = profile_of(world)
  local second = profile_of(world, { account = world:account { name = "Park family" } })
  world:advance "11 business days"
  world:set(first, { status = "valid", complete = true })
  world:set(second, "status", "expired")
  world:advance "21 business days"
  world:expect_run { subject = first, outcome = "complete" }
  world:expect_run { subject = second, outcome = "dropped" }
end)

test("in Korean", function(world)
  profile_of(world, nil, "ko")
  world:expect_task { title = "Lee family의 kyc 프로필을 고객과 함께 완성" }
end)
