local function account_of(world, language)
  world:segment("key", "tier = platinum")
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" }, language = language }
  local account = world:account { name = "Acme", stage = "active", owner = owner }
  world:start(account)
  return account
end

local function held(world, outcome)
  world:answer(world:expect_task { step = "prepare" })
  world:answer(world:expect_task { step = "review" }, { outcome = outcome })
end

test("it is prepared, held, and an hour well spent when nothing is found", function(world)
  account_of(world)
  world:expect_task { step = "prepare", title = "Prepare the architecture review of Acme", due_on = world:day "10 business days" }
  held(world, "sound")
  world:expect_run { state = "ended", outcome = "sound" }
  world:expect_no_task()
end)

test("risks get a name and a day, the customer hears of them, and two months later they are looked at", function(world)
  account_of(world)
  held(world, "risks")
  world:answer(world:expect_task { step = "risks", type = "risk" })
  world:answer(world:expect_task { step = "tell", assignee = "Kim" })
  world:advance "61 days"
  world:answer(world:expect_task { step = "after" }, { outcome = "closed" })
  world:expect_run { outcome = "improved" }
  world:expect_no_message()
end)

test("risks that are left go to the manager", function(world)
  account_of(world)
  held(world, "risks")
  world:advance "61 days"
  world:answer(world:expect_task { step = "after" }, { outcome = "left" })
  world:expect_message { to = "Han", text = "Acme: risks of the architecture review are still open" }
  world:expect_run { outcome = "risks_left" }
end)

test("a review that is not held is told to the owner and ends", function(world)
  account_of(world)
  world:advance "40 business days"
  world:expect_message { to = "Kim", text = "Acme: the architecture review was not held" }
  world:expect_run { state = "ended", outcome = "not_held" }
end)

test("key accounts have twice as many", function(world)
  world:segment("key", "tier = platinum")
  world:account { name = "Gold", stage = "active", tier = "gold" }
  local key = world:account { name = "Key", stage = "active", tier = "platinum" }
  world:advance "12 months"
  world:expect_count(2, "run", { subject = key })
  world:expect_count(3, "run")
end)

test("a customer who leaves has no review", function(world)
  world:set(account_of(world), "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  account_of(world, "ko")
  world:expect_task { step = "prepare", title = "Acme 아키텍처 점검 준비" }
  held(world, "위험 있음")
  world:expect_task { step = "tell", title = "Acme: 위험과 제안을 고객에게 쉬운 말로 설명" }
end)
