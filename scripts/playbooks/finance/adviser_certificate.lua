-- For advisers and whoever leads them: who proposes to customers needs a certificate that is good. Two months before it ends the adviser is
-- asked to renew it; on the day after its last, whoever leads them gives the customers to somebody who has one.
local dates = lib "dates"

-- Until when the certificate is good: a day, "" for ever, nil without one. It is written "cfp 2027-03-01, cfa".
local function good_until(certificates, wanted)
  for item in (certificates or ""):gmatch("[^,]+") do
    local word, day = item:match("^%s*(%S+)%s*(%S*)")
    if word and word:lower() == wanted:lower() then return day end
  end
end

return playbook {
  name     = "adviser_certificate",
  summary  = "See that advisers hold the certificate that they need",
  api      = 1,
  subject  = "user",
  outcomes = { "good", "renewed", "left", "missing" },
  settings = {
    certificate = { type = "text", default = "cfp",
                    help = { en = "the certificate, as it stands in certificates of the user", ko = "자격의 이름, 사용자의 certificates에 적힌 그대로" } },
    lead_days   = { type = "integer", default = 60, min = 1, max = 1095,
                    help = { en = "days before its end at which the adviser is asked", ko = "자격 갱신을 요청하는 시점, 만료 며칠 전" } },
    due_days    = { type = "integer", default = 30, min = 1, max = 365,
                    help = { en = "days to get it for those who have none", ko = "자격이 없는 사람이 취득하는 기한(일)" } },
  },
  start_when = { every = { months = 1 }, where = "job = adviser and active = yes" },
  stop_when  = { where = "active = no" },
  on_stop    = "close",

  steps = function(run)
    local settings, adviser = run.settings, run.user
    local wanted = settings.certificate
    local function is_good_for(days)
      local day = good_until(run.user.certificates, wanted)
      return day and (day == "" or dates.between(run.today, day) >= days)
    end
    local manager = adviser["manager.name"]

    if is_good_for(settings.lead_days) then return "good" end
    local has_one = is_good_for(0)
    local last = has_one and good_until(adviser.certificates, wanted)
    run:task("renew", {
      title    = {
        en = last and "Renew the certificate {settings.certificate}; it is good until " .. last or "Get the certificate {settings.certificate}",
        ko = last and "자격 {settings.certificate} 갱신, " .. last .. "까지 유효" or "자격 {settings.certificate} 취득",
      },
      to       = "user:" .. adviser.name,
      due      = has_one and { on = last } or { days = settings.due_days },
      reason   = { en = "nothing may be proposed without it", ko = "자격 없이는 제안할 수 없음" },
      priority = has_one and "normal" or "high",
      type     = "certificate",
    })
    for n = 1, 50 do
      local news = run:wait("news " .. n, { event = "user.updated", by = has_one and { on = last } or { days = settings.due_days } })
      if is_good_for(settings.lead_days) then
        run:close("renewed", { step = "renew", outcome = "renewed" })
        return "renewed"
      end
      if run.user.job ~= "adviser" then
        run:close("left", { step = "renew", outcome = "no adviser any more" })
        return "left"
      end
      if news.timed_out then break end
    end
    run:escalate("missing", {
      to       = "user:" .. (manager or adviser.name),
      text     = {
        en = "{name} has no good certificate {settings.certificate}; give the customers to somebody who has one until then",
        ko = "{name} 자격 {settings.certificate} 없음, 취득할 때까지 고객을 자격이 있는 사람에게 배정하세요",
      },
      priority = "urgent",
    })
    return "missing"
  end,
}
