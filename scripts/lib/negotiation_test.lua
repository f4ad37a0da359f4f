local negotiation = lib "negotiation"

local must = { term_months = 24, margin_percent = 30 }

test("an offer that keeps the must-haves breaks none, their limits included", function(world)
  world:expect_equal(#negotiation.broken({ term_months = 24, margin = 0.3 }, must), 0)
end)

test("each that is broken is said", function(world)
  local broken = negotiation.broken({ term_months = 12, margin = 0.255 }, must)
  world:expect_equal(negotiation.line(broken, "en"), "12 months, at least 24; margin 25.5%, at least 30%")
  world:expect_equal(negotiation.line(broken, "ko"), "12개월, 최소 24개월; 마진 25.5%, 최소 30%")
end)

test("what is not known yet breaks nothing", function(world)
  world:expect_equal(#negotiation.broken({}, must), 0)
end)

test("nothing is given for nothing", function(world)
  local given, got, net = negotiation.balance {
    { side = "give", value = 5000 }, { side = "get", value = 8000 }, { side = "give" }, { side = "get" },
  }
  world:expect_equal(given, 5000)
  world:expect_equal(got, 8000)
  world:expect_equal(net, 3000)
end)
