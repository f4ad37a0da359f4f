local function talk(world, note, fields)
  local interaction = { account = world:account { name = "Acme", owner = world:user { name = "Kim" } }, user = world:user { name = "Sue" },
    kind = "meeting", subject = "quarterly talk", text = note }
  for name, value in pairs(fields or {}) do interaction[name] = value end
  return world:interaction(interaction)
end

test("a whole note leaves one thing to do: the need", function(world)
  talk(world, "Listen: slow\nAcknowledge: costs sleep\nExplore: nightly export for the bank\nRespond: we look at it")
  world:expect_task { step = "need", assignee = "Sue", title = "Write down what Acme needs", reason = { has = "quarterly talk" } }
  world:expect_count(1, "task")
  world:expect_run { outcome = "complete" }
end)

test("where nothing was explored one more question is due", function(world)
  talk(world, "Listen: slow\nAcknowledge: costs sleep\nExplore:\nRespond: we look at it")
  world:expect_no_task { step = "need" }
  world:answer(world:expect_task { step = "explore", title = "Ask Acme what is behind it" })
  world:expect_run { outcome = "followed_up" }
end)

test("where nothing was answered the customer waits", function(world)
  talk(world, "Listen: slow\nExplore: nightly export")
  world:expect_task { step = "need" }
  world:expect_task { step = "respond" }
  world:advance "11 business days"
  world:expect_run { outcome = "left_open" }
end)

test("a question that is not asked is left open", function(world)
  talk(world, "Listen: slow")
  world:answer(world:expect_task { step = "explore" }, "cancelled")
  world:expect_task { step = "respond" }
  world:expect_run { outcome = "left_open" }
end)

test("a note without a heading is followed up as well", function(world)
  talk(world, "Listen: slow\nExplore:\nRespond: later", { subject = false })
  world:expect_task { step = "explore", reason = { has = "nothing is written under explore; why" } }
end)

test("other notes are nobody's business", function(world)
  talk(world, "we talked about the weather")
  world:expect_no_run()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  talk(world, "경청: 느림\n공감: 불편\n탐색:\n응답: 확인")
  world:expect_task { step = "explore", title = "Acme에 진짜 이유를 물어보기" }
end)
