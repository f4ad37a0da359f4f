local function document_of(world, fields, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local account = world:account { name = "Lee family", kind = "household", stage = "active", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  local document = { account = account, title = "pension proposal", kind = "proposal", link = "https://files.example/1" }
  for name, value in pairs(fields or {}) do document[name] = value end
  return world:document(document)
end

test("who told the customer, and when, is kept", function(world)
  document_of(world)
  world:answer(world:expect_task { step = "disclosure 1", assignee = "Kim", due_on = world:day "5 business days" }, "told")
  world:expect_run { state = "ended", outcome = "told" }
  world:expect_step { name = "told 1", arguments = { has = "2026-03-02" } }
end)

test("minutes are no proposals", function(world)
  document_of(world, { kind = "minutes" })
  world:expect_no_run()
end)

test("that nothing has to be told is not the adviser's to say alone", function(world)
  document_of(world)
  world:answer(world:expect_task { step = "disclosure 1" }, "not needed")
  world:expect_run { state = "waiting" }
  world:answer(world:expect_approval { asked_of = "Baek" })
  world:expect_run { outcome = "not_needed" }
end)

test("where it is refused the customer is told after all", function(world)
  document_of(world)
  world:answer(world:expect_task { step = "disclosure 1" }, "not needed")
  world:answer(world:expect_approval(), "declined")
  world:answer(world:expect_task { step = "disclosure 2" }, "told")
  world:expect_run { outcome = "told" }
end)

test("without a word nothing is signed", function(world)
  document_of(world)
  world:advance "6 business days"
  world:expect_message { to = "Han", text = { has = "they must not sign it yet" } }
  world:advance "6 business days"
  world:expect_task { step = "missing", assignee = "Baek", priority = "urgent", type = "block" }
  world:expect_run { state = "ended", outcome = "missing" }
  world:expect_count(1, "message")
end)

test("in Korean", function(world)
  document_of(world, nil, "ko")
  world:expect_task { title = "Lee family, pension proposal: 비용, 보수, 이해 상충을 서면으로 고지했습니까?" }
end)
