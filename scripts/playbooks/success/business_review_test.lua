local function account_of(world, language)
  world:segment("key", "tier = platinum")
  world:segment("growth", "tier = gold")
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" }, language = language }
  local account = world:account { name = "Acme", stage = "active", owner = owner }
  world:measure(account, "health", 72)
  world:start(account)
  return account
end

local function held(world, choice)
  world:answer(world:expect_task { step = "prepare" })
  world:answer(world:expect_task { step = "review", assignee = "Kim" }, choice)
end

test("it is prepared with the figures of the day, and with the way to print that day again", function(world)
  account_of(world)
  local task = world:expect_task { step = "prepare", title = "Prepare the business review of Acme", due_on = world:day "10 business days" }
  world:expect_task { reason = { has = "health 72, arr ?, nps ?" } }
  world:expect_task { reason = { has = "tend report account \"Acme\" --known-at 2026-03-02" } }
  world:answer(task)
  world:expect_task { step = "review" }
end)

test("the figures stay those of the day, whatever comes later", function(world)
  local account = account_of(world)
  world:advance "2 days"
  world:measure(account, "health", 10)
  world:expect_task { step = "prepare", reason = { has = "health 72" } }
  held(world, "actions")
  world:advance "31 days"
  world:expect_task { step = "after", title = { has = "business review of 2026-03-02" } }
end)

test("what was agreed is done a month later", function(world)
  account_of(world)
  held(world, "actions")
  world:answer(world:expect_task { step = "minutes", due_on = world:day "3 business days" })
  world:advance "31 days"
  world:answer(world:expect_task { step = "after" }, { outcome = "done" })
  world:expect_run { state = "ended", outcome = "done" }
  world:expect_no_message()
  world:expect_no_task()
end)

test("what is left of it goes to the manager", function(world)
  account_of(world)
  held(world, "actions")
  world:advance "31 days"
  world:answer(world:expect_task { step = "after" }, { outcome = "open" })
  world:expect_message { to = "Han", text = "Acme: not all is done that was agreed in the business review of 2026-03-02" }
  world:expect_run { outcome = "still_open" }
end)

test("without actions the minutes go out, and nothing is asked later", function(world)
  account_of(world)
  held(world, "no actions")
  world:expect_task { step = "minutes" }
  world:expect_run { state = "ended", outcome = "nothing_agreed" }
end)

test("who wants none has none, without noise", function(world)
  account_of(world)
  held(world, "not wanted")
  world:expect_run { outcome = "not_wanted" }
  world:expect_no_task()
  world:expect_no_message()
end)

test("a review that is not held is told to the manager, and its preparation is closed", function(world)
  account_of(world)
  world:advance "40 business days"
  world:expect_message { to = "Han", text = "Acme: the business review was not held" }
  world:expect_run { state = "ended", outcome = "not_held" }
  world:expect_no_task { step = "prepare" }
end)

test("four a year for key accounts and for those that grow, none for others", function(world)
  world:segment("key", "tier = platinum")
  world:segment("growth", "tier = gold")
  local key = world:account { name = "Key", stage = "active", tier = "platinum" }
  local growth = world:account { name = "Growth", stage = "active", tier = "gold" }
  world:account { name = "Small", stage = "active", tier = "silver" }
  world:advance "12 months"
  world:expect_count(4, "run", { subject = key })
  world:expect_count(4, "run", { subject = growth })
  world:expect_count(8, "run")
end)

test("a customer who leaves has no review", function(world)
  world:set(account_of(world), "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  account_of(world, "ko")
  world:expect_task { step = "prepare", title = "Acme 비즈니스 리뷰 준비" }
  held(world, "할 일 있음")
  world:expect_task { step = "minutes", title = "Acme에 비즈니스 리뷰 회의록 발송" }
end)
