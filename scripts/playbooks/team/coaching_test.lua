local function colleague_of(world, fields, language)
  local user = { name = "Kim", job = "account_manager", active = true, manager = world:user { name = "Han", language = language }, language = language }
  for name, value in pairs(fields or {}) do user[name] = value or nil end
  user = world:user(user)
  world:start(user)
  return user
end

test("a call is gone through together, something is tried, and asked about", function(world)
  colleague_of(world)
  world:answer(world:expect_task { step = "call", assignee = "Han", title = { has = "Go through a real call with Kim" } }, "held")
  world:answer(world:expect_task { step = "try", assignee = "Kim", title = "Try until next time what you picked with Han" })
  world:answer(world:expect_task { step = "after", assignee = "Han" }, "helped")
  world:expect_run { state = "ended", outcome = "tried" }
  world:expect_no_task()
end)

test("what is not tried is asked about all the same", function(world)
  colleague_of(world)
  world:answer(world:expect_task { step = "call" }, "held")
  world:advance "31 days"
  world:expect_no_task { step = "try" }
  world:answer(world:expect_task { step = "after" }, "not yet")
  world:expect_run { outcome = "not_tried" }
end)

test("not now is next time, without noise", function(world)
  colleague_of(world)
  world:answer(world:expect_task { step = "call" }, "not now")
  world:expect_run { outcome = "not_held" }
  world:expect_no_message()
end)

test("without anybody who leads there is no coach", function(world)
  colleague_of(world, { manager = false })
  world:expect_run { outcome = "no_coach" }
end)

test("six times a year, and only those who speak with customers", function(world)
  local lead = world:user { name = "Han", job = "director", active = true }
  world:user { name = "Kim", job = "sales", active = true, manager = lead }
  world:user { name = "Choi", job = "coordinator", active = true, manager = lead }
  world:advance "12 months"
  world:expect_count(6, "run")
end)

test("who leaves is not coached", function(world)
  world:set(colleague_of(world), "active", false)
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  colleague_of(world, nil, "ko")
  world:answer(world:expect_task { title = { has = "Kim 님과 실제 통화 하나를 함께 검토" } }, "진행함")
  world:expect_task { title = "Han 님과 정한 것을 다음까지 시도" }
end)
