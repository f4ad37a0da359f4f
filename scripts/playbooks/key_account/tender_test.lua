local function tender_of(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local tender = { account = world:account { name = "Acme", owner = owner }, name = "storage 2027", kind = "rfq", due_on = "2026-03-23",
    status = "open" }
  for name, value in pairs(fields or {}) do tender[name] = value end
  return world:tender(tender)
end

test("decided, drafted, reviewed by somebody else, answered in time", function(world)
  local tender = tender_of(world)
  world:answer(world:expect_task { step = "bid", assignee = "Kim", title = "Acme asks for storage 2027 (rfq), last day 2026-03-23: do we answer?" }, "yes")
  world:answer(world:expect_task { step = "draft", due_on = "2026-03-19" })
  world:expect_task { step = "review", assignee = "Han", title = { has = "(last day 2026-03-23)" } }
  world:set(tender, "status", "answered")
  world:expect_run { outcome = "answered" }
  world:expect_no_message()
end)

test("one that we do not answer is declined by a person", function(world)
  tender_of(world)
  world:answer(world:expect_task { step = "bid" }, "no")
  world:expect_task { step = "decline" }
  world:expect_run { outcome = "declined" }
end)

test("nobody decides, nobody drafts, nobody sends: each is told before the last day", function(world)
  tender_of(world)
  world:advance "3 business days"
  world:expect_message { to = "Han", text = "Acme: nobody decided whether we answer storage 2027, last day 2026-03-23" }
  world:advance "20 days"
  world:expect_message { text = { has = "no draft for storage 2027 yet" } }
  world:expect_message { text = "Acme: storage 2027 is not out yet, last day 2026-03-23" }
  world:advance "5 days"
  world:expect_run { outcome = "too_late" }
  world:expect_count(3, "message")
end)

test("an answer in the last hours still counts", function(world)
  local tender = tender_of(world)
  world:answer(world:expect_task { step = "bid" }, "yes")
  world:answer(world:expect_task { step = "draft" })
  world:advance "2026-03-22"
  world:expect_message { text = { has = "is not out yet" } }
  world:set(tender, "status", "answered")
  world:expect_run { outcome = "answered" }
end)

test("one that is answered without a draft is answered", function(world)
  local tender = tender_of(world)
  world:answer(world:expect_task { step = "bid" }, "yes")
  world:set(tender, "status", "answered")
  world:expect_run { outcome = "answered" }
end)

test("two days are enough for a short one", function(world)
  tender_of(world, { due_on = "2026-03-04" })
  world:answer(world:expect_task { step = "bid" }, "yes")
  world:answer(world:expect_task { step = "draft", due_on = "2026-03-02" })
  world:expect_task { step = "review", due_on = "2026-03-02" }
  world:advance "1 day"
  world:expect_message { text = { has = "is not out yet" } }
end)

test("one without a last day has the usual one, one of the past is too late", function(world)
  tender_of(world, { due_on = false })
  world:answer(world:expect_task { step = "bid" }, "yes")
  world:answer(world:expect_task { step = "draft", due_on = world:day "10 days" })
  world:advance "3 days"
  world:expect_message { text = { has = "is not out yet" } }
  world:tender { account = "Acme", name = "old", status = "open", due_on = "2026-02-01" }
  world:expect_run { outcome = "too_late" }
end)

test("one that is lost meanwhile leaves nothing open", function(world)
  local tender = tender_of(world)
  world:set(tender, "status", "lost")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  tender_of(world)
  world:expect_task { title = "Acme storage 2027 (rfq) 요청, 마감 2026-03-23: 응답할까요?" }
end)
