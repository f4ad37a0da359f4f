local function plan_of(world)
  world:settings { maker = "owner", first = "owner.manager", second = "finance" }
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  local plan = world:plan { account = account, name = "Spring", type = "campaign", status = "running", starts_on = "2026-05-01" }
  world:start(plan)
  return plan
end

local function agreed(world)
  world:answer(world:expect_task { step = "make 1", title = "Acme, Spring: make the media plan" })
  world:answer(world:expect_approval { step = "look 1" })
  world:answer(world:expect_task { step = "word 1" }, "approved")
end

test("no money before the customer and two of ours have agreed", function(world)
  plan_of(world)
  agreed(world)
  world:expect_no_task { step = "book" }
  world:answer(world:expect_approval { asked_of = "Han", title = "Acme, Spring: book the media plan" })
  world:expect_no_task { step = "book" }
  world:answer(world:expect_approval { asked_of = "Baek" })
  world:answer(world:expect_task { step = "book", type = "booking" })
  world:expect_run { state = "ended", outcome = "booked" }
end)

test("one no is a no, and the owner talks to the customer", function(world)
  plan_of(world)
  agreed(world)
  world:answer(world:expect_approval { asked_of = "Baek" }, "declined")
  world:expect_message { to = "Kim", text = { has = "nothing is booked" } }
  world:expect_run { outcome = "refused" }
  world:expect_no_task()
end)

test("what nobody books is urgent", function(world)
  plan_of(world)
  agreed(world)
  world:answer(world:expect_approval { asked_of = "Han" })
  world:answer(world:expect_approval { asked_of = "Baek" })
  world:advance "8 business days"
  world:expect_message { to = "Kim", text = "Acme, Spring: the media is not booked" }
  world:expect_run { outcome = "not_booked" }
end)

test("what the customer does not want is not booked", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "make 1" })
  world:answer(world:expect_approval { step = "look 1" })
  world:answer(world:expect_task { step = "word 1" }, "rejected")
  world:expect_run { outcome = "rejected" }
end)
