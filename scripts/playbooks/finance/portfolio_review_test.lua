local function account_of(world, language)
  world:playbook "life_event"
  world:segment("key", "tier = platinum")
  local owner = world:user { name = "Kim", language = language, manager = world:user { name = "Han" } }
  local account = world:account { name = "Lee family", kind = "household", stage = "active", owner = owner }
  world:start(account)
  return account
end

test("prepared, held, and nothing to change", function(world)
  account_of(world)
  world:expect_task { step = "prepare", title = "Prepare the review with Lee family and agree on a day" }
  world:answer(world:expect_task { step = "review 1", due_on = world:day "20 business days" }, "as it is")
  world:expect_run { state = "ended", outcome = "as_it_is" }
end)

test("what changed goes into the profile before anything is proposed", function(world)
  account_of(world)
  world:answer(world:expect_task { step = "review 1" }, "changes")
  world:expect_task { step = "profile", type = "profile", due_on = world:day "3 business days" }
  world:expect_run { outcome = "changes" }
end)

test("what happened in their life begins a run of its own", function(world)
  account_of(world)
  world:answer(world:expect_task { step = "review 1" }, "life event")
  world:expect_run { playbook = "portfolio_review", outcome = "life_event" }
  world:expect_run { playbook = "life_event", state = "waiting" }
end)

test("it may be put off once", function(world)
  account_of(world)
  world:answer(world:expect_task { step = "review 1" }, "later")
  world:advance "31 days"
  world:answer(world:expect_task { step = "review 2" }, "later")
  world:expect_run { state = "ended", outcome = "postponed" }
end)

test("a review that is not held goes to the manager", function(world)
  account_of(world)
  world:advance "21 business days"
  world:expect_message { to = "Han", text = "Lee family: the review was not held" }
  world:expect_run { outcome = "not_held" }
end)

test("households only, and key ones twice as often", function(world)
  world:playbook "life_event"
  world:segment("key", "tier = platinum")
  world:account { name = "Acme", kind = "company", stage = "active" }
  world:account { name = "Lee family", kind = "household", stage = "active" }
  world:account { name = "Park family", kind = "household", stage = "active", tier = "platinum" }
  world:advance "12 months"
  world:expect_count(3, "run")
end)

test("who leaves is not reviewed", function(world)
  world:set(account_of(world), "stage", "leaving")
  world:expect_run { state = "stopped" }
  world:expect_no_task()
end)

test("in Korean", function(world)
  account_of(world, "ko")
  world:answer(world:expect_task { title = "Lee family 정기 점검: 목표, 위험 성향, 생활의 변화. 결과는?" }, "유지")
  world:expect_run { outcome = "as_it_is" }
end)
