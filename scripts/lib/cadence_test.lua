local cadence = lib "cadence"

-- A run that says what it was asked for.
local function pretend_run()
  local run = { said = {} }
  local function say(text) run.said[#run.said + 1] = text end
  function run.sleep(_, name, rule) say("sleep " .. name .. " " .. rule.days) end
  function run.task(_, name, task) say("task " .. name .. " " .. task.title) end
  function run.close(_, _, close) say("close " .. close.step) end
  return run
end

test("each round closes the one before it", function(world)
  local run = pretend_run()
  cadence.rounds(run, "r", { times = 2, days = 90, task = function(n) return { title = "number " .. n } end })
  world:expect_equal(table.concat(run.said, ", "), "sleep r 1 comes 90, task r 1 number 1, sleep r 2 comes 90, close r 1, task r 2 number 2")
end)

test("as many rounds as fit before a day", function(world)
  world:expect_equal(cadence.fit("2026-01-01", "2026-12-31", 90, 12), 4)
  world:expect_equal(cadence.fit("2026-01-01", "2026-12-31", 90, 12, 30), 3)
  world:expect_equal(cadence.fit("2026-01-01", "2030-12-31", 90, 12), 12)
  world:expect_equal(cadence.fit("2026-01-01", "2026-01-01", 90, 12), 0)
end)
