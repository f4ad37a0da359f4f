local function happy(world, health)
  local csm = world:user { name = "Lee", manager = world:user { name = "Park" } }
  local account = world:account { name = "Acme", stage = "active", owner = csm }
  world:measure(account, "nps", 80)
  world:measure(account, "health", health or 30)
  return account
end

test("happy in the survey, quiet in the figures: somebody calls", function(world)
  happy(world)
  world:expect_task { step = "call", assignee = "Lee", due_on = world:day "3 business days",
    reason = { has = "what it says and what it does differ: nps 80, health 30" } }
end)

test("happy and busy is well", function(world)
  happy(world, 75)
  world:expect_no_run()
end)

test("unhappy and quiet is another playbook's", function(world)
  local account = world:account { stage = "active" }
  world:measure(account, "nps", -20)
  world:measure(account, "health", 20)
  world:expect_no_run()
end)

test("a reason that passes ends it", function(world)
  happy(world)
  world:answer(world:expect_task { step = "call" })
  world:answer(world:expect_task { step = "why" }, "season or project")
  world:expect_run { outcome = "explained" }
  world:expect_no_message()
end)

test("a user who left is told to the owner", function(world)
  happy(world)
  world:answer(world:expect_task { step = "call" })
  world:answer(world:expect_task { step = "why" }, "the user left")
  world:expect_message { to = "Lee", text = "Acme is at risk although its survey is good: the user left" }
  world:expect_run { outcome = "user_left" }
end)

test("another tool is no better", function(world)
  happy(world)
  world:answer(world:expect_task { step = "call" })
  world:answer(world:expect_task { step = "why" }, "another tool")
  world:expect_run { outcome = "user_left" }
end)

test("a call that is not made goes to the manager", function(world)
  happy(world)
  world:advance "9 business days"
  world:expect_message { to = "Park", text = "Acme says it is happy but hardly uses the product, and nobody has called yet" }
  world:expect_run { outcome = "not_asked" }
end)

test("a figure that swings around its limit calls once", function(world)
  local account = happy(world)
  world:answer(world:expect_task { step = "call" }, "cancelled")
  world:measure(account, "health", 55)
  world:measure(account, "health", 45)
  world:expect_count(1, "run")
end)

test("the figure is the administrator's", function(world)
  world:settings { figure = "nrr", low = 1, again = 2 }
  local account = happy(world, 90)
  world:measure(account, "nrr", 0.4)
  world:expect_task { reason = { has = "nps 80, nrr 0.4" } }
end)

test("in Korean", function(world)
  local account = world:account { name = "한빛", stage = "active", owner = world:user { language = "ko" } }
  world:measure(account, "nps", 80)
  world:measure(account, "health", 30)
  world:expect_task { title = "한빛: 만족한다고 답했지만 거의 쓰지 않음, 누가 왜 그만 쓰는지 확인하세요" }
end)
