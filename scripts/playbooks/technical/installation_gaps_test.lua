local function environment_of(world, fields)
  local environment = {
    account = world:account { name = "Acme", owner = world:user { name = "Kim" } }, name = "plant 2", status = "live",
    product = world:product { name = "Core" }, version = "4.1", supported_until = "2027-01-31",
  }
  for name, value in pairs(fields or {}) do environment[name] = value or nil end
  return world:environment(environment)
end

test("what is known needs nobody", function(world)
  environment_of(world)
  world:expect_no_run()
end)

test("all that is missing is asked for in one task", function(world)
  environment_of(world, { product = false, version = false, supported_until = false })
  world:expect_count(1, "task")
  world:expect_task { title = "Acme, plant 2: find out product, version, end of support", type = "inventory" }
end)

test("it ends when the last gap is filled, and takes its task along", function(world)
  local environment = environment_of(world, { version = false, supported_until = false })
  world:set(environment, "version", "4.2")
  world:expect_run { state = "waiting" }
  world:set(environment, "supported_until", "2027-06-30")
  world:expect_run { state = "ended", outcome = "filled" }
  world:expect_no_task()
end)

test("the end of support alone is no reason", function(world)
  environment_of(world, { supported_until = false })
  world:expect_no_run()
end)

test("who is done without filling it in says that it stays so", function(world)
  environment_of(world, { version = false, supported_until = false })
  world:answer(world:expect_task(), { outcome = "the vendor names none" })
  world:expect_run { outcome = "accepted" }
end)

test("an installation that goes needs no version", function(world)
  local environment = environment_of(world, { version = false })
  world:set(environment, "status", "retired")
  world:expect_run { outcome = "retired" }
  world:expect_no_task()
end)

test("what nobody finds out goes to the owner, and not again for a quarter", function(world)
  local environment = environment_of(world, { version = false })
  world:advance "11 business days"
  world:expect_message { to = "Kim", text = "Acme, plant 2: nobody has found out version" }
  world:expect_run { outcome = "open" }
  world:set(environment, "version", "4.2")
  world:set(environment, "version", false)
  world:expect_count(1, "run")
end)

test("in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko" }
  world:environment { account = world:account { name = "한빛", owner = owner }, name = "운영", status = "live", version = "4.1" }
  world:expect_task { title = "한빛 운영: 제품, 지원 종료일 확인" }
end)
