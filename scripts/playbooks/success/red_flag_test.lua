local function red(world, health)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Choi" }, role = "executive", starts_on = "2026-01-01" }
  world:measure(account, "health", health or 35)
  return account
end

test("a customer in the red is called at once", function(world)
  red(world)
  world:expect_task { step = "call", assignee = "Kim", title = "Call Acme: health is 35", priority = "high", due_on = world:day "2 business days" }
end)

test("one in the yellow is not", function(world)
  red(world, 65)
  world:expect_no_run()
end)

test("it recovers: the owner hears so and nobody else", function(world)
  local account = red(world)
  world:answer(world:expect_task { step = "call" })
  world:answer(world:expect_task { step = "plan", due_on = world:day "5 business days" })
  world:measure(account, "health", 72)
  world:advance "30 days"
  world:expect_message { to = "Kim", text = "Acme is back: health 72" }
  world:expect_run { outcome = "recovered" }
  world:expect_count(1, "message")
end)

test("who does not call and does not plan is passed over", function(world)
  red(world)
  world:advance "4 business days"
  world:expect_message { to = "Han", text = "Acme is red (health 35) and nobody has called" }
  world:advance "9 business days"
  world:expect_message { to = "Han", text = "Acme is red and has no rescue plan after 5 business days" }
  world:expect_count(2, "message")
end)

-- Up to the first look after the plan.
local function still_red(world)
  local account = red(world)
  world:answer(world:expect_task { step = "call" })
  world:answer(world:expect_task { step = "plan" })
  world:advance "30 days"
  return account
end

test("still red: the manager decides first, then the sponsor, and it ends", function(world)
  still_red(world)
  world:answer(world:expect_task { step = "sponsor 1", assignee = "Han", title = "Acme is still red after 30 days: what do we do?" }, "go on")
  world:advance "30 days"
  world:answer(world:expect_task { step = "sponsor 2", assignee = "Choi" }, "I take it over")
  world:expect_run { state = "ended", outcome = "rescued" }
end)

test("a customer whom we let go", function(world)
  still_red(world)
  world:answer(world:expect_task { step = "sponsor 1" }, "let go")
  world:expect_run { outcome = "let_go" }
end)

test("nobody ever decides: it ends all the same", function(world)
  still_red(world)
  world:advance "100 days"
  world:expect_run { state = "ended", outcome = "let_go" }
end)

test("a figure that swings raises one flag, and raises what is open", function(world)
  local account = red(world)
  world:measure(account, "health", 55)
  world:measure(account, "health", 45)
  world:expect_count(1, "run")
  world:measure(account, "health", 70)
  world:measure(account, "health", 40)
  world:expect_count(1, "run")
  world:expect_task { step = "call", priority = "urgent" }
end)

test("a customer who leaves is no red flag any more", function(world)
  local account = red(world)
  world:set(account, "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_task { step = "call", status = "cancelled", outcome = "the customer is leaving; see the exit" }
end)

test("in Korean", function(world)
  local account = world:account { name = "한빛", stage = "active", owner = world:user { name = "민준", language = "ko" } }
  world:measure(account, "health", 20)
  world:expect_task { title = "한빛에 전화: health 20" }
end)
