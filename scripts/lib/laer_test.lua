local laer = lib "laer"

test("the form has four lines, in English where the language has none", function(world)
  world:expect_equal(laer.template("en"), "Listen: \nAcknowledge: \nExplore: \nRespond: ")
  world:expect_equal(laer.template("ko"), "경청: \n공감: \n탐색: \n응답: ")
  world:expect_equal(laer.template("fr"), laer.template("en"))
end)

test("a note is read by its parts, which may have several lines", function(world)
  local parts = laer.read("Listen: exports are slow\nthey do them each night\nacknowledge: that costs them sleep\nExplore:\nRespond: we look at it")
  world:expect_equal(parts.listen, "exports are slow\nthey do them each night")
  world:expect_equal(parts.acknowledge, "that costs them sleep")
  world:expect_equal(parts.explore, nil)
  world:expect_equal(parts.respond, "we look at it")
end)

test("what is empty is named in its order", function(world)
  world:expect_equal(table.concat(laer.empty("Listen: x\nRespond:"), " "), "acknowledge explore respond")
  world:expect_equal(#laer.empty("경청: 느림\n공감: 불편\n탐색: 왜?\n응답: 확인"), 0)
end)

test("another text is no such note", function(world)
  world:expect_equal(laer.read("we met and talked"), nil)
  world:expect_equal(laer.empty(nil), nil)
end)
