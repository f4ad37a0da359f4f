local text = lib "text"

test("half a percent is rounded up", function(world)
  world:expect_equal(text.percent(93, 100), "93%")
  world:expect_equal(text.percent(1, 200), "1%")
  world:expect_equal(text.percent(1, 201), "0%")
  world:expect_equal(text.percent(3, 2), "150%")
end)
