local function event_of(world, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local account = world:account { name = "Lee family", kind = "household", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  world:event("custom.life_event", account, "she inherits a house")
  return account
end

test("the adviser says what happened, and the right people think of it", function(world)
  event_of(world)
  world:answer(world:expect_task { step = "what", assignee = "Kim", title = "What has happened in the life of Lee family?" }, "inheritance")
  world:expect_count(3, "task", { type = "life event", status = "open" })
  world:answer(world:expect_task { step = "think of 1", assignee = "Baek", title = { has = "Lee family, inheritance: inheritance tax" } })
  world:answer(world:expect_task { step = "think of 2", assignee = "Kim" })
  world:answer(world:expect_task { step = "think of 3" })
  world:answer(world:expect_task { step = "profile", priority = "high", title = { has = "nothing is proposed before" } })
  world:expect_run { state = "ended", outcome = "handled" }
end)

test("nothing of weight is nothing", function(world)
  event_of(world)
  world:answer(world:expect_task { step = "what" }, "nothing")
  world:expect_run { outcome = "nothing" }
  world:expect_no_task()
end)

test("what nobody says goes to the manager", function(world)
  event_of(world)
  world:advance "4 business days"
  world:expect_message { to = "Han", text = { has = "nobody has said what" } }
  world:expect_run { outcome = "not_said" }
end)

test("what is left open is told, after the profile was asked for", function(world)
  event_of(world)
  world:answer(world:expect_task { step = "what" }, "birth")
  world:advance "16 business days"
  world:answer(world:expect_task { step = "profile" })
  world:expect_message { to = "Han", text = "Lee family, birth: something that had to be thought of is still open" }
  world:expect_run { outcome = "open" }
end)

test("told twice it is asked once", function(world)
  local account = event_of(world)
  world:event("custom.life_event", account, "told again")
  world:expect_count(1, "run")
end)

test("in Korean", function(world)
  event_of(world, "ko")
  world:answer(world:expect_task { title = "Lee family에 어떤 생애 사건이 있었습니까?" }, "증여")
  world:expect_task { title = "Lee family, 증여: 증여 후에도 목표 달성이 가능한지" }
end)
