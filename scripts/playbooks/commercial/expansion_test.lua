local function healthy(world, health)
  local account = world:account { name = "Acme", stage = "active", seats = 50, owner = world:user { name = "Kim" } }
  world:measure(account, "health", health or 90)
  return account
end

test("a healthy customer: somebody says where there is room, and opens an opportunity", function(world)
  local account = healthy(world)
  world:answer(world:expect_task { step = "room", assignee = "Kim", title = "Acme does well (health 90): where could it use more?" }, "more seats")
  world:expect_task { step = "opportunity", title = "Open an opportunity at Acme: more seats", reason = { has = "health 90; seats: 50" } }
  world:opportunity { account = account, name = "50 seats more" }
  world:expect_no_task()
  world:expect_run { outcome = "opportunity" }
end)

test("the task that is done will do", function(world)
  healthy(world)
  world:answer(world:expect_task { step = "room" }, "another unit")
  world:answer(world:expect_task { step = "opportunity" })
  world:expect_run { outcome = "opportunity" }
end)

test("one that is called off is none", function(world)
  healthy(world)
  world:answer(world:expect_task { step = "room" }, "another product")
  world:answer(world:expect_task { step = "opportunity" }, "cancelled")
  world:expect_run { outcome = "not_now" }
end)

test("who says nothing now is left in peace for half a year", function(world)
  local account = healthy(world)
  world:answer(world:expect_task { step = "room" }, "nothing now")
  world:measure(account, "health", 60)
  world:measure(account, "health", 95)
  world:expect_count(1, "run")
  world:expect_no_task()
  world:advance "180 days"
  world:expect_run { state = "ended", outcome = "nothing" }
end)

test("who does not answer is not asked again either", function(world)
  healthy(world)
  world:advance "200 days"
  world:expect_run { state = "ended", outcome = "not_now" }
  world:expect_count(0, "task")
end)

test("a customer with worries is not sold to", function(world)
  healthy(world, 80)
  world:expect_no_run()
end)

test("who leaves is not asked", function(world)
  local account = healthy(world)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  healthy(world)
  world:expect_task { title = "Acme 상태 좋음 (health 90): 어디에 더 필요할까요?" }
end)
