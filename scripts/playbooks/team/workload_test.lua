-- A colleague with open tasks: `normal` and `urgent` of them, each of an account of its own.
local function colleague_of(world, normal, urgent, fields, language)
  world:settings { most = 4, urgent_weight = 2 }
  local above = world:user { name = "Choi" }
  local lead = world:user { name = "Han", language = language, manager = not (fields and fields.top) and above or nil }
  local user = { name = "Kim", active = true, manager = lead, language = language }
  for name, value in pairs(fields or {}) do
    if name ~= "top" then user[name] = value or nil end
  end
  user = world:user(user)
  local tasks = {}
  for n = 1, normal + urgent do
    tasks[n] = world:task { title = "work " .. n, account = world:account { name = "Acme " .. n }, assignee = user, status = "open",
      priority = n <= urgent and "urgent" or "normal", due_on = n == 1 and "2026-02-27" or "2026-04-01" }
  end
  return user, tasks
end

local function looked_at(...)
  local world, user = ..., colleague_of(...)
  world:start(user)
  return user
end

test("who has no more than fits is left alone", function(world)
  looked_at(world, 4, 0)
  world:expect_run { state = "ended", outcome = "fits" }
  world:expect_count(4, "task")
  world:expect_no_message()
end)

test("urgent ones count for more, and the lead decides by numbers", function(world)
  looked_at(world, 1, 2)
  world:expect_task { step = "too much", assignee = "Han",
    title = "Kim has 5 where 4 fit: 3 open tasks of 3 accounts, 2 of them urgent, 1 overdue; 0 talks in a week. Move some?" }
end)

test("what is done does not count", function(world)
  local kim, tasks = colleague_of(world, 1, 2)
  world:answer(tasks[3])
  world:start(kim)
  world:expect_run { outcome = "fits" }
end)

test("what is moved is counted again", function(world)
  local kim, tasks = colleague_of(world, 6, 0)
  world:interaction { account = world:read(tasks[1], "account"), user = kim, kind = "call", happened_at = "2026-02-27T20:00:00Z" }
  world:start(kim)
  world:answer(world:expect_task { step = "too much",
    title = { has = "Kim has 6 where 4 fit: 6 open tasks of 6 accounts, 0 of them urgent, 1 overdue; 1 talks" } },
    "move some")
  local move = world:expect_task { step = "move", assignee = "Han", priority = "high", title = "Move work of Kim to others: 2 too much" }
  world:set(tasks[1], "assignee", "Choi")
  world:set(tasks[2], "assignee", "Choi")
  world:answer(move)
  world:expect_run { state = "ended", outcome = "relieved" }
  world:expect_no_message()
end)

test("what is not moved is said", function(world)
  looked_at(world, 6, 0)
  world:answer(world:expect_task { step = "too much" }, "move some")
  world:advance "6 business days"
  world:expect_message { to = "Han", text = "Kim still has 6 where 4 fit; it was 6" }
  world:expect_run { outcome = "still_full" }
  world:expect_no_task { step = "move" }
end)

test("the lead may say that it is fine", function(world)
  looked_at(world, 6, 0)
  world:answer(world:expect_task { step = "too much" }, "it is fine")
  world:expect_run { outcome = "accepted" }
  world:expect_no_message()
end)

test("where the lead says nothing, whoever leads the lead hears of it", function(world)
  looked_at(world, 6, 0)
  world:advance "4 business days"
  world:expect_message { to = "Choi", text = "Kim has 6 where 4 fit, and Han has not said what becomes of it" }
  world:expect_run { outcome = "unanswered" }
end)

test("at the top nobody is above", function(world)
  looked_at(world, 6, 0, { top = true })
  world:advance "4 business days"
  world:expect_run { outcome = "unanswered" }
  world:expect_no_message()
end)

test("a capacity of one's own is what fits", function(world)
  looked_at(world, 6, 0, { capacity = 6 })
  world:expect_run { outcome = "fits" }
end)

test("without a lead there is nobody to ask", function(world)
  looked_at(world, 6, 0, { manager = false })
  world:expect_run { outcome = "no_lead" }
end)

test("every four weeks, and not of those who have left", function(world)
  local kim = colleague_of(world, 0, 0)
  world:advance "12 weeks"
  world:expect_count(3, "run", { outcome = "fits" })
  world:set(kim, "active", false)
  world:advance "12 weeks"
  world:expect_count(3, "run")
end)

test("who leaves meanwhile is asked about no more", function(world)
  local kim = looked_at(world, 6, 0)
  world:set(kim, "active", false)
  world:expect_run { state = "stopped" }
  world:expect_no_task { step = "too much" }
end)

test("in Korean", function(world)
  looked_at(world, 6, 0, nil, "ko")
  world:answer(world:expect_task { title = { has = "Kim 님의 업무량 6, 적정 4: 고객사 6곳의 할 일 6건" } }, "일부 이관")
  world:expect_task { step = "move", title = "Kim 님의 업무 이관: 초과 2" }
end)
