local function small(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local opportunity = { account = world:account { name = "Acme", owner = owner, currency = "EUR" }, name = "second plant", tier = 3, stage = "engaging",
    owner = owner, amount = 5000, currency = "EUR" }
  for name, value in pairs(fields or {}) do opportunity[name] = value end
  return world:opportunity(opportunity)
end

test("what stays in tier 3 for two months is promoted by whoever works on it", function(world)
  small(world)
  world:advance "59 days"
  world:expect_no_task()
  world:advance "1 day"
  world:answer(world:expect_task { step = "look 1", assignee = "Kim",
    title = "second plant of Acme stays in tier 3 (5,000.00 EUR): promote it, keep it or close it?" }, "promote")
  world:answer(world:expect_task { step = "promote" })
  world:expect_run { outcome = "promoted" }
end)

test("what rises by itself is not asked about", function(world)
  local opportunity = small(world)
  world:set(opportunity, "tier", 2)
  world:advance "60 days"
  world:expect_no_task()
  world:expect_run { outcome = "promoted" }
end)

test("a promotion that nobody works on is none", function(world)
  small(world)
  world:advance "60 days"
  world:answer(world:expect_task { step = "look 1" }, "promote")
  world:advance "21 business days"
  world:expect_run { outcome = "not_decided" }
end)

test("what is closed is closed by a person", function(world)
  local opportunity = small(world)
  world:advance "60 days"
  world:answer(world:expect_task { step = "look 1" }, "close")
  world:expect_task { step = "close", title = "Close second plant of Acme as lost, with the reason" }
  world:expect_equal(world:read(opportunity, "stage"), "engaging")
end)

test("what is kept comes back, and the last time to the manager", function(world)
  small(world)
  world:advance "60 days"
  world:answer(world:expect_task { step = "look 1" }, "keep")
  world:advance "90 days"
  world:answer(world:expect_task { step = "look 2", assignee = "Kim" }, "keep")
  world:advance "90 days"
  world:answer(world:expect_task { step = "look 3", assignee = "Han" }, "keep")
  world:expect_run { state = "ended", outcome = "kept" }
end)

test("nobody ever decides: it ends", function(world)
  small(world)
  world:advance "300 days"
  world:expect_run { state = "ended", outcome = "not_decided" }
end)

test("a large one is left alone, one that is won stops", function(world)
  local opportunity = small(world, { tier = 1 })
  world:expect_no_run()
  world:set(opportunity, "tier", 4)
  world:set(opportunity, "stage", "won")
  world:expect_run { state = "stopped" }
end)

test("one whose tier is no longer known is asked about", function(world)
  local opportunity = small(world)
  world:set(opportunity, "tier", false)
  world:advance "60 days"
  world:expect_task { step = "look 1" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  small(world)
  world:advance "60 days"
  world:expect_task { title = "Acme second plant, 티어 3에 머무름 (5,000.00 EUR): 올릴까요, 유지할까요, 종료할까요?" }
end)
