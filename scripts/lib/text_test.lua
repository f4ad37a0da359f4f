local text = lib "text"

test("of two wordings the one in the language is taken, of other languages the English one", function(world)
  world:expect_equal(text.say("ko")("three days", "사흘"), "사흘")
  world:expect_equal(text.say("en")("three days", "사흘"), "three days")
end)

test("half a percent is rounded up", function(world)
  world:expect_equal(text.percent(93, 100), "93%")
  world:expect_equal(text.percent(1, 200), "1%")
  world:expect_equal(text.percent(1, 201), "0%")
  world:expect_equal(text.percent(3, 2), "150%")
end)
