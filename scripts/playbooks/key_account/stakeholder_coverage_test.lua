local function contact_of(world, fields)
  world:segment("key", "tier = gold")
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  world:user { name = "Choi", level = "executive" }
  local contact = { account = world:account { name = "Acme", tier = "gold", owner = owner },
    name = "Mr Vogel", title = "CFO", level = "executive", power = "high" }
  for name, value in pairs(fields or {}) do contact[name] = value end
  return world:contact(contact)
end

test("somebody important and alone gets a counterpart, who meets them", function(world)
  local contact = contact_of(world)
  world:expect_task { step = "counterpart", assignee = "Kim", title = "Who of us keeps the relation with Mr Vogel (Acme)?",
    reason = { has = "level: executive" } }
  world:set(contact, "stance", "neutral")
  world:expect_run { waits_for = "named 2" }
  world:set(contact, "counterpart", "Choi")
  world:expect_no_task { step = "counterpart" }
  world:expect_no_task { step = "workshop" }
  world:answer(world:expect_task { step = "meet", assignee = "Choi" })
  world:expect_run { state = "ended", outcome = "covered" }
end)

test("who decides little needs nobody, who has a counterpart neither", function(world)
  contact_of(world, { power = "low" })
  world:expect_no_run()
end)

test("other accounts are looked after without it", function(world)
  world:segment("key", "tier = gold")
  world:contact { account = world:account { tier = "bronze" }, power = "high" }
  world:expect_no_run()
end)

test("a gap that stays is the manager's", function(world)
  contact_of(world)
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Acme: nobody of us keeps the relation with Mr Vogel (CFO)" }
  world:expect_run { outcome = "gap_stays" }
end)

test("a fox is invited to a workshop", function(world)
  local contact = contact_of(world, { archetype = "Fox", stance = "sceptic" })
  world:set(contact, "counterpart", "Choi")
  world:expect_task { step = "workshop", title = "Plan a workshop with Mr Vogel of Acme (Fox)" }
end)

test("the archetypes are the company's own list", function(world)
  world:settings { archetypes = "queen" }
  local contact = contact_of(world, { archetype = "fox" })
  world:set(contact, "counterpart", "Choi")
  world:expect_no_task { step = "workshop" }
end)

test("two who never meet are a gap", function(world)
  local contact = contact_of(world)
  world:set(contact, "counterpart", "Choi")
  world:advance "31 business days"
  world:expect_message { to = "Han", text = "Acme: Choi has not met Mr Vogel yet" }
  world:expect_run { outcome = "gap_stays" }
end)

test("who leaves needs no counterpart", function(world)
  local contact = contact_of(world)
  world:set(contact, "left_on", "2026-03-02")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  contact_of(world)
  world:expect_task { title = "Acme Mr Vogel 님을 맡을 담당자를 정하세요" }
end)
