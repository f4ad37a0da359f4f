local function account_of(world, language)
  local account = world:account { name = "Acme", stage = "active", owner = world:user { name = "Kim", language = language } }
  world:start(account)
  return account
end

local function told(world, choice)
  world:answer(world:expect_task { step = "tell", assignee = "Kim" }, choice)
end

for choice, outcome in pairs { bought = "bought", ["in use"] = "in_use", nothing = "nothing_came" } do
  test("who is interested gets a demo and a place in the plan; what came of it: " .. choice, function(world)
    account_of(world)
    told(world, "interested")
    world:expect_task { step = "demo", title = "Show Acme what is new, and train who will use it", due_on = world:day "10 business days" }
    world:expect_task { step = "plan", title = "Add what is new to the plan of Acme" }
    world:advance "61 days"
    world:answer(world:expect_task { step = "after" }, choice)
    world:expect_run { state = "ended", outcome = outcome }
    world:expect_no_task()
  end)
end

for choice, outcome in pairs { ["not interested"] = "not_interested", ["not for them"] = "not_relevant" } do
  test("who is " .. choice .. " is left alone", function(world)
    account_of(world)
    told(world, choice)
    world:expect_run { state = "ended", outcome = outcome }
    world:expect_no_task()
  end)
end

test("who is not told in time is counted as that", function(world)
  account_of(world)
  world:advance "12 business days"
  world:expect_run { state = "ended", outcome = "not_told" }
end)

test("a customer who leaves is told nothing more", function(world)
  world:set(account_of(world), "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  account_of(world, "ko")
  told(world, "관심 있음")
  world:expect_task { step = "plan", title = "Acme 계획에 추가: 새 소식" }
end)
