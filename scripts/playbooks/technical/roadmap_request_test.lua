local function wish_of(world, language)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" }, language = language }
  local account = world:account { name = "Acme", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Lee" }, role = "tam", starts_on = "2025-01-01" }
  return world:voice { account = account, text = "single sign-on", theme = "roadmap", direction = "in", status = "open" }
end

local function decide(world, outcome)
  world:answer(world:expect_task { title = { has = "single sign-on" }, choices = { has = "planned" } }, { outcome = outcome })
end

test("a wish is put to the product team, not to the account manager", function(world)
  wish_of(world)
  world:expect_task {
    step = "decision 1", title = "Acme asks: single sign-on. Will the product do it?", assignee = false,
    reason = { has = "team" },
  }
end)

test("other themes are not for the product team", function(world)
  local account = world:account { name = "Acme" }
  world:voice { account = account, text = "thank you", theme = "support", direction = "in", status = "open" }
  world:expect_no_run()
end)

test("a no is told with its reason", function(world)
  wish_of(world)
  decide(world, "declined")
  world:answer(world:expect_task {
    step = "tell no", assignee = "Kim", title = "Tell Acme that the product will not do it, why, and what works instead: single sign-on",
  })
  world:expect_run { state = "ended", outcome = "declined" }
end)

test("a no that nobody tells goes to the manager", function(world)
  wish_of(world)
  decide(world, "declined")
  world:advance "9 business days"
  world:expect_message { to = "Han", text = "Acme has not been told what became of their wish: single sign-on" }
  world:expect_run { outcome = "not_told" }
end)

test("a plan is told, and told again when it ships", function(world)
  local wish = wish_of(world)
  decide(world, "planned")
  world:answer(world:expect_task { step = "tell plan" })
  world:advance "5 months"
  world:set(wish, "status", "shipped")
  world:answer(world:expect_task { step = "tell shipped", title = "Tell Acme that it is there, and show it: single sign-on" })
  world:expect_run { outcome = "shipped" }
end)

test("nobody told of the plan, nobody told that it shipped", function(world)
  wish_of(world)
  decide(world, "planned")
  world:advance "9 business days"
  world:expect_run { outcome = "not_told" }
end)

test("what shipped and is not told is seen", function(world)
  local wish = wish_of(world)
  decide(world, "planned")
  world:answer(world:expect_task { step = "tell plan" })
  world:set(wish, "status", "shipped")
  world:advance "9 business days"
  world:expect_run { outcome = "not_told" }
end)

test("a plan that does not ship is asked about twice a year, for two years", function(world)
  wish_of(world)
  decide(world, "planned")
  world:answer(world:expect_task { step = "tell plan" })
  world:advance "25 months"
  world:expect_count(4, "message", { to = "Lee" })
  world:expect_run { outcome = "promised" }
end)

test("who needs to know more gets it from the customer", function(world)
  wish_of(world)
  decide(world, "more")
  world:answer(world:expect_task { step = "ask more 1", assignee = "Lee" })
  decide(world, "declined")
  world:expect_task { step = "tell no" }
end)

test("a customer who does not want it any more", function(world)
  wish_of(world)
  decide(world, "more")
  world:answer(world:expect_task { step = "ask more 1" }, "cancelled")
  world:expect_run { outcome = "withdrawn" }
end)

test("a question that product closes is withdrawn", function(world)
  wish_of(world)
  world:answer(world:expect_task { step = "decision 1" }, "cancelled")
  world:expect_run { outcome = "withdrawn" }
end)

test("no answer goes up each time, the customer hears even that, and it ends", function(world)
  wish_of(world)
  world:advance "48 business days"
  world:expect_count(3, "message", { to = "Han" })
  world:expect_task { step = "tell nothing", title = "Tell Acme that there is no decision yet: single sign-on" }
  world:advance "9 business days"
  world:expect_run { state = "ended", outcome = "unanswered" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } } -- what a team gets is in the company's language
  wish_of(world, "ko")
  world:answer(world:expect_task { title = "Acme의 요청: single sign-on. 제품에 반영합니까?" }, { outcome = "거절" })
  world:expect_task { title = "Acme에 반영하지 않는 이유와 대안 전달: single sign-on" }
end)
