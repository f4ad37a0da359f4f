local dates = lib "dates"

test("days are counted over the ends of months, years and centuries", function(world)
  world:expect_equal(dates.between("2026-03-02", "2026-03-02"), 0)
  world:expect_equal(dates.between("2026-02-28", "2026-03-01"), 1)
  world:expect_equal(dates.between("2024-02-28", "2024-03-01"), 2)
  world:expect_equal(dates.between("2100-02-28", "2100-03-01"), 1)
  world:expect_equal(dates.between("2025-12-31", "2026-01-01"), 1)
  world:expect_equal(dates.between("2026-03-02", "2026-03-01"), -1)
  world:expect_equal(dates.number("1970-01-01"), 0)
  world:expect_equal(dates.number("2000-03-01"), 11017)
end)

test("what is no date is said to be none", function(world)
  local is_well, why = pcall(dates.number, "tomorrow")
  world:expect_equal(is_well, false)
  assert(why:find("'tomorrow' is no date; write YYYY-MM-DD", 1, true), why)
end)
