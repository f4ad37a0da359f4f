-- For the technical account manager: a live installation of which we do not know the product or the version. No version watch can help
-- there. Whoever looks after it fills the gap in, or says that it stays one. The end of support is asked for along with it; alone it is left
-- to the inventory, for few know it of everything.
local text = lib "text"

-- What is not known, in words of the language.
local function missing(environment, language)
  local say, words = text.say(language), {}

  if not environment.product then words[#words + 1] = say("product", "제품") end
  if not environment.version then words[#words + 1] = say("version", "버전") end
  if not environment.supported_until then words[#words + 1] = say("end of support", "지원 종료일") end
  return table.concat(words, ", ")
end

return playbook {
  name     = "installation_gaps",
  summary  = "Fill in what is not known of a live installation",
  api      = 1,
  subject  = "environment",
  outcomes = { "filled", "retired", "accepted", "open" },
  settings = {
    due_days = { type = "integer", default = 10, min = 1, max = 365,
                 help = { en = "business days to find out what is missing", ko = "빠진 정보를 확인하는 기한(영업일)" } },
  },
  start_when = { where = "status = live and (product is empty or version is empty)" },
  re_entry   = { cool_down_days = 90 },
  stop_when  = { where = "account.stage in (leaving, former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language)
    local gaps, gaps_ko = missing(run.environment, "en"), missing(run.environment, "ko")
    local time = { business_days = run.settings.due_days }

    run:task("fill in", {
      title  = { en = "{account.name}, {name}: find out " .. gaps, ko = "{account.name} {name}: " .. gaps_ko .. " 확인" },
      to     = "tam",
      due    = time,
      reason = { en = "without it nobody sees that it falls behind", ko = "이 정보가 없으면 버전이 뒤처져도 알 수 없음" },
      type   = "inventory",
    })
    for n = 1, 50 do
      local news = run:first("news " .. n, {
        done   = { done = "fill in", within = time },
        change = { event = "environment.updated", within = time },
      })
      if run.environment.status == "retired" then
        run:close("retired", { step = "fill in", outcome = say("retired", "폐기됨") })
        return "retired"
      end
      if missing(run.environment, "en") == "" then
        run:close("filled", { step = "fill in", outcome = say("all is known", "모두 확인됨") })
        return "filled"
      end
      if news.which == "done" then return "accepted" end
      if news.timed_out then break end
    end
    run:escalate("still open", {
      to   = "owner",
      text = {
        en = "{account.name}, {name}: nobody has found out " .. gaps,
        ko = "{account.name} {name}: " .. gaps_ko .. " 아직 확인되지 않음",
      },
    })
    return "open"
  end,
}
