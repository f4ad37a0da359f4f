-- dates: days as texts, "2026-03-02". They compare as texts do: earlier is less.
local dates = {}

-- Days since 1970-01-01 (Howard Hinnant's civil calendar arithmetic, in whole numbers).
function dates.number(date)
  local year, month, day = date:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)")
  if not year then error("'" .. date .. "' is no date; write YYYY-MM-DD", 2) end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month <= 2 then year = year - 1 end
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

-- Days from one date to another; below zero when the second comes first.
function dates.between(first, second)
  return dates.number(second) - dates.number(first)
end

return dates
