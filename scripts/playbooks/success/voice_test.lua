local function said(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  world:user { name = "Pat", team = "product" }
  local voice = { account = world:account { name = "Acme", owner = owner, currency = "EUR" }, text = "export to PDF", theme = "reports",
    direction = "in", status = "open", impact = 12000, currency = "EUR" }
  for name, value in pairs(fields or {}) do voice[name] = value end
  return world:voice(voice)
end

test("what a customer said is passed on, answered and told", function(world)
  local voice = said(world)
  world:expect_task { step = "pass on", assignee = "Kim", title = "Pass on what Acme said: export to PDF",
    reason = { has = "theme: reports; money it touches: 12,000.00 EUR" } }
  world:set(voice, "status", "asked")
  world:expect_task { step = "answer", role = "team:product", due_on = world:day "30 days" }
  world:set(voice, { status = "planned", answer = "with version 5" })
  world:expect_task { step = "tell", title = "Tell Acme what became of: export to PDF (planned)", reason = { has = "answer: with version 5" } }
  world:set(voice, "status", "told")
  world:expect_run { state = "ended", outcome = "told" }
  world:expect_no_task()
  world:expect_no_message()
end)

test("the task that is done will do", function(world)
  local voice = said(world)
  world:answer(world:expect_task { step = "pass on" })
  world:set(voice, "status", "declined")
  world:answer(world:expect_task { step = "tell", title = { has = "(declined)" } })
  world:expect_run { outcome = "told" }
end)

test("what was told meanwhile needs nothing more", function(world)
  local voice = said(world)
  world:set(voice, "status", "asked")
  world:set(voice, "status", "told")
  world:expect_run { outcome = "told" }
  world:expect_no_task()
end)

test("nobody passes it on", function(world)
  said(world)
  world:advance "9 business days"
  world:expect_run { outcome = "not_passed_on" }
  world:expect_no_task()
end)

test("what is not worth passing on ends there", function(world)
  said(world)
  world:answer(world:expect_task { step = "pass on" }, "cancelled")
  world:expect_run { outcome = "not_passed_on" }
end)

test("no answer in time: the customer is told so", function(world)
  local voice = said(world)
  world:set(voice, "status", "asked")
  world:advance "31 days"
  world:expect_no_task { step = "answer" }
  world:answer(world:expect_task { step = "tell", title = "Tell Acme what became of: export to PDF (no answer yet)" })
  world:expect_run { outcome = "no_answer" }
end)

test("a customer who is never told is the manager's business", function(world)
  local voice = said(world)
  world:set(voice, "status", "asked")
  world:set(voice, "status", "shipped")
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Acme was never told what became of: export to PDF" }
  world:expect_run { outcome = "answered" }
end)

test("what we told the customer is no wish of theirs", function(world)
  said(world, { direction = "out" })
  world:expect_no_run()
end)

test("who answers is the administrator's to say", function(world)
  world:settings { product = "user:Pat" }
  world:set(said(world), "status", "asked")
  world:expect_task { step = "answer", assignee = "Pat" }
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  said(world, { text = "PDF로 내보내기" })
  world:expect_task { title = "Acme의 의견 전달: PDF로 내보내기" }
end)
