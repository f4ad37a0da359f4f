test("a strategy is made by the strategists and ends with the customer's word", function(world)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  world:start(world:plan { account = world:account { name = "Acme", owner = owner }, name = "Spring", type = "campaign", starts_on = "2026-05-01" })
  world:answer(world:expect_task { title = "Acme, Spring: make the strategy" })
  world:answer(world:expect_approval { asked_of = "Han" })
  world:answer(world:expect_task { title = "Present the strategy of Spring to Acme, round 1. What did they say?" }, "approved")
  world:expect_run { outcome = "approved" }
end)
