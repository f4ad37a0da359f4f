local function environment_of(world, behind)
  local owner = world:user { name = "Kim", manager = world:user { name = "Han" } }
  local account = world:account { name = "Acme", owner = owner }
  return world:environment { account = account, name = "prod", status = "live", versions_behind = behind, version = "4.1" }
end

test("an installation two releases behind is reviewed", function(world)
  environment_of(world, 2)
  world:expect_task { title = "Review prod of Acme: 2 releases behind", type = "review", due_on = world:day "5 business days" }
end)

test("one release behind is near enough", function(world)
  local environment = environment_of(world, 1)
  world:expect_no_run()
  world:set(environment, "versions_behind", 2)
  world:expect_run { state = "waiting" }
end)

test("how far behind is the administrator's to say", function(world)
  world:settings { max_behind = 5 }
  environment_of(world, 4)
  world:expect_no_run()
end)

test("after the review there is time to catch up", function(world)
  local environment = environment_of(world, 3)
  world:answer(world:expect_task { step = "review" })
  world:advance "10 days"
  world:set(environment, "versions_behind", 0)
  world:expect_run { state = "waiting", waits_for = "time to upgrade" }
  world:advance "21 days"
  world:expect_run { state = "ended", outcome = "caught_up" }
end)

test("what is still behind afterwards is decided by the owner", function(world)
  environment_of(world, 3)
  world:answer(world:expect_task { step = "review" })
  world:advance "31 days"
  world:expect_task { step = "decide", assignee = "Kim" }
  world:expect_run { outcome = "still_behind" }
end)

test("an installation that is retired needs no decision", function(world)
  local environment = environment_of(world, 3)
  world:answer(world:expect_task { step = "review" })
  world:set(environment, "status", "retired")
  world:advance "31 days"
  world:expect_run { outcome = "retired" }
  world:expect_no_task { step = "decide" }
end)

test("nobody knows how far behind it is any more", function(world)
  local environment = environment_of(world, 3)
  world:answer(world:expect_task { step = "review" })
  world:set(environment, "versions_behind", false)
  world:advance "31 days"
  world:expect_run { outcome = "caught_up" }
end)

test("a review that is not held goes to the manager", function(world)
  environment_of(world, 3)
  world:advance "11 business days"
  world:expect_message { to = "Han", text = "Acme: prod is 3 releases behind and was not reviewed" }
end)

test("a colleague who reads Korean is written to in Korean", function(world)
  local owner = world:user { name = "민준", language = "ko", manager = world:user { name = "서연", language = "ko" } }
  local account = world:account { name = "한빛", owner = owner }
  world:environment {
    account = account, name = "운영", status = "live", versions_behind = 3, version = "4.1", supported_until = "2026-06-30",
  }
  world:answer(world:expect_task { title = "한빛 운영 점검: 최신보다 3개 버전 뒤짐", reason = { has = "지원 종료 2026-06-30" } })
  world:advance "31 days"
  world:expect_task { title = "한빛: 운영 아직 3개 버전 뒤짐, 업그레이드나 예외를 합의하세요" }
end)

test("where the owner named no language that of the company is taken", function(world)
  world:configure { tend = { language = "ko" } }
  environment_of(world, 2)
  world:expect_task { title = "Acme prod 점검: 최신보다 2개 버전 뒤짐" }
end)
