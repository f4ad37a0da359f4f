local function adviser_of(world, certificates, fields)
  local user = { name = "Kim", job = "adviser", active = true, certificates = certificates, manager = world:user { name = "Han" } }
  for name, value in pairs(fields or {}) do user[name] = value end
  user = world:user(user)
  world:start(user)
  return user
end

test("a certificate that is good for months, or for ever, needs nobody", function(world)
  adviser_of(world, "cfa 2026-03-10, CFP 2027-03-01")
  adviser_of(world, "cfp", { name = "Park" })
  world:expect_no_task()
  world:expect_count(2, "run", { outcome = "good" })
end)

test("two months before its end the adviser is asked to renew it", function(world)
  local user = adviser_of(world, "cfp 2026-04-15")
  world:expect_task { assignee = "Kim", title = "Renew the certificate cfp; it is good until 2026-04-15", due_on = "2026-04-15", type = "certificate" }
  world:set(user, "region", "EMEA")
  world:expect_run { state = "waiting" }
  world:set(user, "certificates", "cfp 2028-04-15")
  world:expect_run { state = "ended", outcome = "renewed" }
  world:expect_no_task()
end)

test("one that runs out gives the customers to somebody else", function(world)
  adviser_of(world, "cfp 2026-04-15")
  world:advance "2026-04-16"
  world:expect_message { to = "Han", text = { has = "Kim has no good certificate cfp" } }
  world:expect_run { state = "ended", outcome = "missing" }
end)

test("who has none is asked to get it, and without a manager hears it again", function(world)
  adviser_of(world, nil, { manager = false })
  world:expect_task { title = "Get the certificate cfp", priority = "high", due_on = world:day "30 days" }
  world:advance "31 days"
  world:expect_message { to = "Kim" }
end)

test("who advises no more needs none", function(world)
  local user = adviser_of(world, "aws")
  world:set(user, "job", "sales")
  world:expect_run { outcome = "left" }
  world:expect_no_task()
end)

test("only advisers are looked at, once a month", function(world)
  world:user { name = "Choi", job = "sales", active = true }
  world:user { name = "Kim", job = "adviser", active = true, certificates = "cfp" }
  world:advance "3 months"
  world:expect_count(3, "run")
end)

test("in Korean", function(world)
  adviser_of(world, "cfp 2026-04-15", { language = "ko" })
  world:expect_task { title = "자격 cfp 갱신, 2026-04-15까지 유효" }
end)
