-- The people, and a function that has an account of its own open a ticket.
local function company(world, language)
  world:settings { accounts = 3, days = 14, before_days = 28, checks = 2 }
  local manager = world:user { name = "Han", language = language }
  local owner = world:user { name = "Kim", language = language, manager = manager }
  local lead = world:user { name = "Lee", language = language }
  return function(name, fields)
    local account = world:account { name = name, owner = owner }
    world:owner { account = account, user = lead, role = "support", starts_on = "2025-01-01" }
    local ticket = { account = account, title = "cut off", category = "gateway", status = "open", opened_at = "2026-03-01T08:00:00Z" }
    for field, value in pairs(fields or {}) do ticket[field] = value or nil end
    return world:ticket(ticket)
  end
end

-- Three accounts, up to the question whether it is one cause.
local function trend(world, language)
  local ticket_of = company(world, language)
  local tickets = { ticket_of "Acme", ticket_of "Bolt", ticket_of("Cord", { opened_at = "2026-03-02T08:30:00Z" }) }
  world:advance "10 minutes"
  return tickets, ticket_of
end

test("tickets of one theme from three accounts are one plan, and one question", function(world)
  trend(world)
  world:expect_task { step = "plan", assignee = "Lee", priority = "high", title = "gateway: make one plan for the tickets of 3 accounts",
    reason = { has = "3 accounts in 14 days, 0 in the time before" } }
  world:expect_task { step = "cause", assignee = "Lee", title = { has = "gateway: is it one cause? 3 accounts in 14 days" } }
  world:expect_count(2, "task")
  world:expect_no_message()
end)

test("two accounts are no trend, however many tickets they have", function(world)
  local ticket_of = company(world)
  local acme = ticket_of "Acme"
  ticket_of "Bolt"
  world:ticket { account = world:read(acme, "account"), title = "again", category = "gateway", status = "open", opened_at = "2026-03-02T08:00:00Z" }
  world:expect_no_task()
  world:expect_count(3, "run", { state = "ended", outcome = "single" })
end)

test("another theme, an old ticket and one that is solved do not begin it", function(world)
  local ticket_of = company(world)
  ticket_of "Acme"
  ticket_of("Bolt", { category = "login" })
  ticket_of("Cord", { opened_at = "2026-01-05T08:00:00Z" })
  ticket_of("Dyne", { category = false })
  ticket_of("East", { status = "solved" })
  world:expect_no_task()
  world:expect_count(2, "run", { outcome = "single" })
end)

test("what was as wide in the time before is usual", function(world)
  local ticket_of = company(world)
  for _, name in ipairs { "Acme", "Bolt", "Cord" } do ticket_of(name .. " before", { status = "closed", opened_at = "2026-02-10T08:00:00Z" }) end
  for _, name in ipairs { "Acme", "Bolt", "Cord" } do ticket_of(name) end
  world:expect_no_task()
  world:expect_run { outcome = "usual" }
end)

test("once it is twice as wide, it is a trend", function(world)
  local ticket_of = company(world)
  for _, name in ipairs { "Acme", "Bolt" } do ticket_of(name .. " before", { status = "closed", opened_at = "2026-02-10T08:00:00Z" }) end
  for _, name in ipairs { "Acme", "Bolt", "Cord" } do ticket_of(name) end
  world:expect_task { step = "plan", reason = { has = "3 accounts in 14 days, 2 in the time before" } }
end)

test("tickets that come together make one plan", function(world)
  local ticket_of = company(world)
  for _, name in ipairs { "Acme", "Bolt", "Cord", "Dyne" } do ticket_of(name) end
  world:advance "10 minutes"
  world:expect_count(1, "task", { step = "plan", status = "open" })
  world:expect_count(1, "task", { step = "cause" })
  world:expect_count(3, "run", { outcome = "known" })
end)

test("the next account belongs to the plan that there is", function(world)
  local _, ticket_of = trend(world)
  local late = ticket_of "Dyne"
  world:expect_run { subject = late, state = "ended", outcome = "known" }
  world:expect_count(1, "task", { step = "plan" })
end)

test("it is watched until nobody has it any more", function(world)
  local tickets = trend(world)
  world:answer(world:expect_task { step = "cause" }, "one cause")
  world:expect_message { to = "Han", text = { has = "gateway: one cause behind the tickets of 3 accounts" } }
  world:answer(world:expect_task { step = "plan" })
  world:set(tickets[1], "status", "solved")
  world:advance "7 days"
  world:expect_message { to = "Lee", text = "gateway: 2 accounts still have an open ticket; at first it was 3" }
  world:set(tickets[2], "status", "solved")
  world:set(tickets[3], "status", "closed")
  world:advance "7 days"
  world:expect_run { state = "ended", outcome = "over" }
end)

test("what does not go away goes up", function(world)
  trend(world)
  world:answer(world:expect_task { step = "cause" }, "one cause")
  world:advance "4 business days"
  world:expect_message { to = "Han", text = "gateway: no plan yet for the tickets of 3 accounts" }
  world:advance "20 days"
  world:expect_message { to = "Han", text = { has = "gateway: the common cause is not gone" } }
  world:expect_run { state = "ended", outcome = "still_open" }
end)

test("several causes need no common plan", function(world)
  trend(world)
  world:answer(world:expect_task { step = "cause" }, "several")
  world:expect_run { outcome = "several" }
  world:expect_no_task()
end)

test("where nobody looks the manager hears of it", function(world)
  trend(world)
  world:advance "3 business days"
  world:expect_message { to = "Han", text = { has = "nobody has looked whether it is one cause" } }
  world:expect_run { outcome = "unanswered" }
  world:expect_no_task { step = "plan" }
end)

test("in Korean", function(world)
  local tickets = trend(world, "ko")
  world:expect_task { step = "plan", title = "gateway: 고객사 3곳의 티켓을 함께 다룰 계획 수립" }
  world:answer(world:expect_task { step = "cause", title = { has = "gateway: 하나의 원인입니까?" } }, "하나의 원인")
  for _, ticket in ipairs(tickets) do world:set(ticket, "status", "closed") end
  world:advance "12 days"
  world:expect_run { outcome = "over" }
end)
