local function proposal_of(world, kind, language)
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han", language = language } }
  local account = world:account { name = "Lee family", kind = kind or "household", owner = owner }
  world:owner { account = account, user = world:user { name = "Baek" }, role = "finance", starts_on = "2025-01-01" }
  local opportunity = world:opportunity { account = account, name = "pension fund", stage = "qualified" }
  world:set(opportunity, "stage", "proposal")
  return opportunity
end

local function written(world)
  world:answer(world:expect_task { step = "why", assignee = "Kim" }, { outcome = "low risk, ten years" })
end

test("the adviser says why, two others agree", function(world)
  proposal_of(world)
  world:expect_no_approval()
  written(world)
  world:answer(world:expect_approval { asked_of = "Han", reason = { has = "the adviser wrote: low risk, ten years" } })
  world:expect_run { state = "waiting" }
  world:answer(world:expect_approval { asked_of = "Baek" })
  world:expect_run { state = "ended", outcome = "suitable" }
  world:expect_no_task()
end)

test("one refusal is enough, and says what to do", function(world)
  proposal_of(world)
  written(world)
  world:answer(world:expect_approval { asked_of = "Baek" }, { status = "declined", comment = "too risky for them" })
  world:expect_task { step = "change", assignee = "Kim", type = "block", reason = { has = "refused: too risky for them" } }
  world:expect_run { outcome = "unsuitable" }
end)

test("a refusal without a word is one all the same", function(world)
  proposal_of(world)
  world:answer(world:expect_task { step = "why" })
  world:answer(world:expect_approval { asked_of = "Han" }, "declined")
  world:expect_task { step = "change", type = "block" }
end)

test("without the reason nothing is proposed", function(world)
  proposal_of(world)
  world:advance "6 business days"
  world:expect_message { to = "Han", text = { has = "nobody has shown that it fits" } }
  world:expect_run { outcome = "not_shown" }
end)

test("without a decision nothing is proposed", function(world)
  proposal_of(world)
  written(world)
  world:advance "4 business days"
  world:expect_task { type = "block", priority = "urgent", title = { has = "nobody has decided whether it fits" } }
  world:expect_run { outcome = "not_decided" }
end)

test("what went out all the same is said aloud", function(world)
  local opportunity = proposal_of(world)
  world:set(opportunity, "stage", "negotiation")
  world:advance "6 business days"
  world:expect_message { to = "Baek", text = "Lee family: pension fund went to the customer without anybody having agreed that it fits" }
end)

test("where the second role has no holder, the adviser's own yes is not enough", function(world)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Lee family", kind = "household", owner = owner }
  local opportunity = world:opportunity { account = account, name = "fund", stage = "qualified" }
  world:set(opportunity, "stage", "proposal")
  written(world)
  world:answer(world:expect_approval { asked_of = "Kim" })
  world:expect_run { state = "waiting" }
  world:answer(world:expect_approval { asked_of = "Han" })
  world:expect_run { outcome = "suitable" }
end)

test("companies are the administrator's choice", function(world)
  proposal_of(world, "company")
  world:expect_no_run()
end)

test("companies, when they are chosen", function(world)
  world:settings { kinds = "household, company" }
  proposal_of(world, "company")
  world:expect_task { step = "why" }
end)

test("a lost proposal leaves nothing open", function(world)
  world:set(proposal_of(world), "stage", "lost")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  proposal_of(world, nil, "ko")
  world:answer(world:expect_task { title = "Lee family, pension fund: 이 고객에게 적합한 이유 기록" })
  world:expect_approval { asked_of = "Han", title = "Lee family: pension fund, 이 고객에게 적합합니까?" }
end)
