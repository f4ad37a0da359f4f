local function account_of(world, fields, language)
  local account = {
    name = "Mercy Hospital", industry = "Healthcare", stage = "active",
    owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } },
  }
  for name, value in pairs(fields or {}) do account[name] = value end
  return world:account(account)
end

local all = { country = "DE", email = "it@mercy.example", description = "acute care, 400 beds" }

test("what is missing is asked for, and the task goes when all of it is there", function(world)
  local account = account_of(world, { country = "DE" })
  world:expect_task { assignee = "Kim", title = { has = "find out and fill in country, e-mail address" }, type = "data" }
  world:set(account, "email", "it@mercy.example")
  world:expect_run { state = "waiting" }
  world:set(account, all)
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("where all is known, and in other trades, nobody is asked", function(world)
  account_of(world, all)
  account_of(world, { name = "Acme", industry = "retail" })
  world:expect_no_run()
end)

test("done without it is pushed once, and ends", function(world)
  account_of(world)
  world:answer(world:expect_task())
  world:expect_message { to = "Han", text = { has = "Mercy Hospital: still missing" } }
  world:advance "11 business days"
  world:expect_run { state = "ended", outcome = "open" }
  world:expect_count(1, "message")
end)

test("who cancels it says that it is not needed", function(world)
  account_of(world)
  world:answer(world:expect_task(), "cancelled")
  world:expect_run { outcome = "not_needed" }
end)

test("another trade asks for other things", function(world)
  world:settings { trade = "kind = household", lacks = "phone is empty", words = "telephone" }
  world:account { name = "Lee family", kind = "household", stage = "active", owner = world:user { name = "Kim" } }
  world:expect_task { title = "Lee family: find out and fill in telephone" }
end)

test("in Korean no word is left in English", function(world)
  account_of(world, nil, "ko")
  world:expect_task { title = "Mercy Hospital: 확인하고 기록 (국가, 이메일 주소, 사업 내용 설명)" }
  world:advance "11 business days"
  world:expect_message { text = { has = "Mercy Hospital: still missing, of country" } } -- Han reads English
end)

test("in Korean the manager reads what is still missing", function(world)
  local account = account_of(world, nil, "ko")
  world:set(account, "owner", world:user { name = "Park", language = "ko", manager = world:user { name = "Choi", language = "ko" } })
  world:answer(world:expect_task())
  world:expect_message { to = "Choi", text = { has = "아직 누락 (국가, 이메일 주소, 사업 내용 설명)" } }
end)

test("words of one's own stand in Korean texts too, until they have a Korean of their own", function(world)
  world:settings { lacks = "phone is empty", words = "전화번호" }
  account_of(world, all, "ko")
  world:expect_task { title = "Mercy Hospital: 확인하고 기록 (전화번호)" }
end)

test("and words of one's own in both languages are read in each", function(world)
  world:settings { lacks = "phone is empty", words = "telephone", words_ko = "전화번호" }
  account_of(world, all, "ko")
  world:expect_task { title = "Mercy Hospital: 확인하고 기록 (전화번호)" }
end)
