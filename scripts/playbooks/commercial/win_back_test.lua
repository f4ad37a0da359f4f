local function former(world)
  return world:account { name = "Acme", stage = "former", owner = world:user { name = "Kim" } }
end

test("nine months later somebody thinks of it, calls, and it is an opportunity", function(world)
  former(world)
  world:advance "269 days"
  world:expect_no_task()
  world:advance "1 day"
  world:answer(world:expect_task { step = "worth it 1", title = "Acme left 9 months ago or more: is it worth a call?" }, "yes")
  world:answer(world:expect_task { step = "call 1" })
  world:answer(world:expect_task { step = "wants 1" }, "yes")
  world:expect_task { step = "opportunity" }
  world:expect_run { outcome = "opportunity" }
end)

test("who is not worth it is not called", function(world)
  former(world)
  world:advance "270 days"
  world:answer(world:expect_task { step = "worth it 1" }, "never")
  world:expect_run { outcome = "not_worth_it" }
end)

test("a no is a no", function(world)
  former(world)
  world:advance "270 days"
  world:answer(world:expect_task { step = "worth it 1" }, "yes")
  world:answer(world:expect_task { step = "call 1" })
  world:answer(world:expect_task { step = "wants 1" }, "no")
  world:expect_run { outcome = "no" }
end)

test("later is once more, and then never again", function(world)
  former(world)
  world:advance "270 days"
  world:answer(world:expect_task { step = "worth it 1" }, "later")
  world:advance "270 days"
  world:answer(world:expect_task { step = "worth it 2" }, "yes")
  world:answer(world:expect_task { step = "call 2" })
  world:answer(world:expect_task { step = "wants 2" }, "not now")
  world:expect_run { state = "ended", outcome = "no" }
end)

test("a call that nobody makes ends it in the end", function(world)
  world:settings { tries = 1 }
  former(world)
  world:advance "270 days"
  world:answer(world:expect_task { step = "worth it 1" }, "yes")
  world:answer(world:expect_task { step = "call 1" }, "cancelled")
  world:expect_run { state = "ended", outcome = "no" }
end)

test("who came back by itself needs nobody", function(world)
  local account = former(world)
  world:set(account, "stage", "prospect")
  world:expect_run { state = "stopped" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  former(world)
  world:advance "270 days"
  world:expect_task { title = "Acme, 떠난 지 9개월 이상: 다시 연락할 만한가요?" }
end)
