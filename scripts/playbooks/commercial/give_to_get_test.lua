local function given(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", owner = world:user { name = "Lee" } }
  local concession = { account = account, opportunity = world:opportunity { account = account, name = "Gold", owner = owner }, side = "give",
    text = "10% discount", value = 5000, currency = "EUR", status = "offered" }
  for name, value in pairs(fields or {}) do concession[name] = value end
  return world:concession(concession)
end

test("whoever gives is asked for the other side, and names it", function(world)
  local give = given(world)
  world:expect_task { step = "get", assignee = "Kim", title = "What do we get from Acme for: 10% discount?", reason = { has = "worth 5,000.00 EUR" } }
  world:set(give, "value", 4000)
  local get = world:concession { account = "Acme", side = "get", text = "three years", value = 9000, currency = "EUR" }
  world:set(give, "against", get)
  world:expect_no_task()
  world:expect_run { outcome = "paired" }
end)

test("what we get is nobody's worry, nor what is paired already", function(world)
  local account = world:account { name = "Acme" }
  local get = world:concession { account = account, side = "get", text = "case study" }
  world:concession { account = account, side = "give", text = "training", against = get }
  world:expect_no_run()
end)

test("what stays without is agreed to by the manager", function(world)
  given(world)
  world:advance "4 business days"
  world:expect_no_task()
  world:answer(world:expect_approval { asked_of = "Han", title = "Give Acme something for nothing: 10% discount?" })
  world:expect_run { outcome = "agreed" }
end)

test("or taken back", function(world)
  given(world)
  world:advance "4 business days"
  world:answer(world:expect_approval(), "declined")
  world:expect_task { step = "take back", assignee = "Kim", priority = "high" }
  world:expect_run { outcome = "taken_back" }
end)

test("one that is withdrawn is over", function(world)
  local give = given(world)
  world:set(give, "status", "withdrawn")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  given(world)
  world:expect_task { title = "Acme에서 무엇을 얻나요? 양보: 10% discount" }
end)
