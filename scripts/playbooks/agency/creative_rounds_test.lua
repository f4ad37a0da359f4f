local function plan_of(world, settings, language)
  if settings then world:settings(settings) end
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han", language = language } }
  world:user { name = "Yoon", team = "creative" }
  local plan = world:plan {
    account = world:account { name = "Acme", owner = owner }, name = "Spring", type = "campaign", status = "running", starts_on = "2026-05-01",
  }
  world:start(plan)
  return plan
end

local function round(world, n, word)
  world:answer(world:expect_task { step = "make " .. n })
  world:answer(world:expect_approval { step = "look " .. n, asked_of = "Han" })
  world:answer(world:expect_task { step = "word " .. n, assignee = "Kim" }, word)
end

test("it is made, looked at inside, presented, and the customer agrees", function(world)
  plan_of(world)
  world:expect_task { step = "make 1", title = "Acme, Spring: make the creative work", due_on = world:day "10 business days" }
  world:expect_no_approval()
  round(world, 1, "approved")
  world:expect_run { state = "ended", outcome = "approved" }
  world:expect_no_task()
end)

test("nothing leaves the house before somebody has looked at it", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "make 1" })
  world:expect_no_task { step = "word 1" }
  world:answer(world:expect_approval(), { status = "declined", comment = "the logo is the old one" })
  world:answer(world:expect_task { step = "make 1 again", reason = { has = "refused inside: the logo is the old one" } })
  world:expect_task { step = "word 1" }
end)

test("who does not look in time holds nobody up", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "make 1" })
  world:advance "4 business days"
  world:expect_task { step = "word 1" }
end)

test("a fourth round needs the director, and there is no fifth", function(world)
  plan_of(world)
  for n = 1, 3 do round(world, n, "changes") end
  world:answer(world:expect_approval { step = "one more", asked_of = "Han", title = { has = "beyond 3 rounds" } })
  round(world, 4, "changes")
  world:expect_run { state = "ended", outcome = "limit" }
  world:expect_task { step = "extra fee", assignee = "Kim" }
end)

test("without the director's word a fee is agreed on first", function(world)
  plan_of(world, { most = 1 })
  round(world, 1, "changes")
  world:answer(world:expect_approval { step = "one more" }, "declined")
  world:expect_task { step = "extra fee" }
  world:expect_run { outcome = "limit" }
end)

test("work that is late is told to the owner, and work that never comes ends it", function(world)
  plan_of(world)
  world:advance "11 business days"
  world:expect_message { to = "Kim", text = "Acme, Spring: the creative work is late" }
  world:advance "11 business days"
  world:expect_run { state = "ended", outcome = "late" }
end)

test("a customer who says no", function(world)
  plan_of(world)
  round(world, 1, "rejected")
  world:expect_run { outcome = "rejected" }
end)

test("a customer who says nothing is asked about once more", function(world)
  plan_of(world)
  world:answer(world:expect_task { step = "make 1" })
  world:answer(world:expect_approval())
  world:advance "6 business days"
  world:expect_message { to = "Han", text = "Acme, Spring: no word of the customer on the creative work" }
  world:advance "6 business days"
  world:expect_run { outcome = "no_word" }
end)

test("a closed campaign stops it and takes its tasks along", function(world)
  world:set(plan_of(world), "status", "closed")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  plan_of(world, nil, "ko")
  world:answer(world:expect_task { title = "Acme, Spring: 크리에이티브 작성" })
  world:answer(world:expect_approval { title = "Acme, Spring: 크리에이티브 고객에게 보내도 됩니까?" })
  world:answer(world:expect_task { title = "Acme에 Spring의 크리에이티브 제시, 1회차. 고객의 답은?" }, "승인")
  world:expect_run { outcome = "approved" }
end)
