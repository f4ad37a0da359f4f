-- cadence: what comes round within a run. What comes round for ever is a rhythm of start_when (every, per_segment).
local dates = lib "dates"
local cadence = {}

-- Opens a task again and again, so many days apart; one that is still open when the next comes is closed, so that they never pile up.
--   cadence.rounds(run, "review", { times = 4, days = 90, task = function(n) return { title = … } end })
function cadence.rounds(run, name, rounds)
  for n = 1, rounds.times do
    run:sleep(name .. " " .. n .. " comes", { days = rounds.days })
    if n > 1 then
      run:close(name .. " " .. n - 1 .. " is over", { step = name .. " " .. n - 1, outcome = "the next one comes" })
    end
    run:task(name .. " " .. n, rounds.task(n))
  end
end

-- How many rounds of so many days fit between two days when `kept` days are left at the end; at most `most`.
function cadence.fit(first, last, days, most, kept)
  local left = dates.between(first, last) - (kept or 0)
  if left <= 0 then return 0 end
  return math.min(left // days, most)
end

return cadence
