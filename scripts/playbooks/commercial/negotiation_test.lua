local function talks(world, fields)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local opportunity = { account = world:account { name = "Acme", owner = owner }, name = "Gold 2027", stage = "negotiation", owner = owner,
    amount = 50000, currency = "EUR", term_months = 24, margin = 0.35 }
  for name, value in pairs(fields or {}) do opportunity[name] = value end
  return world:opportunity(opportunity)
end

test("the first round is prepared; what keeps the must-haves needs no consent", function(world)
  local opportunity = talks(world)
  world:expect_task { step = "leverage", assignee = "Kim", title = "Before the first round with Acme: leverage, ranges, who decides",
    reason = { has = "24 months, 30% margin; instead of price: extra support, free training" } }
  world:set(opportunity, "amount", 48000)
  world:expect_no_approval()
  world:set(opportunity, "stage", "won")
  world:expect_run { outcome = "won" }
end)

test("what breaks a must-have needs consent, once for the same", function(world)
  local opportunity = talks(world)
  world:set(opportunity, "margin", 0.25)
  world:answer(world:expect_approval { asked_of = "Han", title = "Offer Acme less than our must-haves? margin 25%, at least 30%" })
  world:set(opportunity, "amount", 47000)
  world:expect_no_approval()
  world:set(opportunity, "stage", "won")
  world:expect_run { outcome = "won" }
  world:expect_no_message()
end)

test("without consent it is not offered, and another offer is asked about again", function(world)
  local opportunity = talks(world)
  world:set(opportunity, "term_months", 12)
  world:answer(world:expect_approval { title = { has = "12 months, at least 24" } }, "declined")
  world:expect_task { title = "Do not offer it to Acme: 12 months, at least 24", priority = "high" }
  world:set(opportunity, "margin", 0.2)
  world:expect_approval { title = { has = "12 months, at least 24; margin 20%, at least 30%" } }
end)

test("what was closed below without asking is told", function(world)
  local opportunity = talks(world)
  world:set(opportunity, { margin = 0.1, stage = "won" })
  world:expect_message { to = "Han", text = "Acme: Gold 2027 was closed below the must-haves without consent: margin 10%, at least 30%" }
  world:expect_run { outcome = "won_below" }
end)

test("what is lost is lost", function(world)
  world:set(talks(world), "stage", "lost")
  world:expect_run { outcome = "lost" }
end)

test("silence is asked about once, then told, then it ends", function(world)
  talks(world)
  world:advance "22 days"
  world:expect_task { title = "How does the negotiation with Acme stand? No news for 21 days" }
  world:expect_no_message()
  world:advance "22 days"
  world:expect_message { to = "Han", text = "Acme: the negotiation of Gold 2027 does not move" }
  world:expect_run { state = "ended", outcome = "endless" }
end)

test("news after silence begins the count again", function(world)
  local opportunity = talks(world)
  world:advance "22 days"
  world:set(opportunity, "amount", 49000)
  world:advance "22 days"
  world:expect_no_message()
  world:expect_count(2, "task", { title = { has = "How does the negotiation" } })
end)

test("must-haves are the administrator's", function(world)
  world:settings { margin_percent = 20 }
  talks(world, { margin = 0.25 })
  world:expect_no_approval()
end)

test("in Korean", function(world)
  world:configure { tend = { language = "ko" } }
  talks(world, { margin = 0.25 })
  world:expect_approval { title = "Acme에 필수 조건 미달로 제안할까요? 마진 25%, 최소 30%" }
end)
