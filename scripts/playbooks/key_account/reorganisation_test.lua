local function contact_of(world, fields)
  world:segment("key", "tier = gold")
  world:segment("growth", "tier = silver")
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local contact = { account = world:account { name = "Acme", tier = "gold", owner = owner }, name = "Mr Vogel", title = "CFO", power = "high",
    counterpart = world:user { name = "Choi" } }
  for name, value in pairs(fields or {}) do contact[name] = value end
  return world:contact(contact)
end

test("the successor of somebody who decided is found and met", function(world)
  local contact = contact_of(world)
  world:expect_no_run()
  world:set(contact, "left_on", "2026-03-01")
  world:answer(world:expect_task { step = "successor", assignee = "Kim", title = "Who follows Mr Vogel at Acme?",
    reason = { has = "CFO, left on 2026-03-01" } })
  world:expect_no_task { step = "where to" }
  world:answer(world:expect_task { step = "meet" })
  world:expect_run { outcome = "succeeded" }
end)

test("where a champion went to is worth a call", function(world)
  local contact = contact_of(world, { stance = "champion" })
  world:set(contact, "left_on", "2026-03-01")
  world:expect_task { step = "successor", priority = "high" }
  world:expect_task { step = "where to", assignee = "Choi", title = "Ask Mr Vogel where they went, and stay in touch" }
end)

test("a supporter, too", function(world)
  world:set(contact_of(world, { stance = "supporter", power = "medium" }), "left_on", "2026-03-01")
  world:expect_task { step = "where to" }
end)

test("a successor whom nobody finds is the manager's", function(world)
  world:set(contact_of(world), "left_on", "2026-03-01")
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Acme: nobody knows who follows Mr Vogel (CFO)" }
  world:expect_run { outcome = "no_successor" }
end)

test("where there is none, the same", function(world)
  world:set(contact_of(world), "left_on", "2026-03-01")
  world:answer(world:expect_task { step = "successor" }, "cancelled")
  world:expect_run { outcome = "no_successor" }
end)

test("a successor whom nobody meets is the manager's", function(world)
  world:set(contact_of(world), "left_on", "2026-03-01")
  world:answer(world:expect_task { step = "successor" })
  world:advance "26 business days"
  world:expect_message { to = "Han", text = "Acme: the successor of Mr Vogel has not been met" }
end)

test("who decided little goes unnoticed", function(world)
  world:set(contact_of(world, { power = "low" }), "left_on", "2026-03-01")
  world:expect_no_run()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  world:set(contact_of(world), "left_on", "2026-03-01")
  world:expect_task { title = "Acme Mr Vogel의 후임을 확인하세요" }
end)
