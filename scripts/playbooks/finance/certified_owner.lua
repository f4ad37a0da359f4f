-- For whoever leads advisers: a household is looked after by somebody without the certificate that it takes, because it was given to them, or
-- because theirs was taken away. Whoever leads them gives it to somebody who has one; until then it is said that nothing may be proposed.
-- When a certificate ends is watched by adviser_certificate.
local text = lib "text"

return playbook {
  name     = "certified_owner",
  summary  = "See that customers are looked after by somebody with the certificate that it takes",
  api      = 1,
  subject  = "account",
  outcomes = { "passed_on", "certified", "uncovered" },
  settings = {
    certificate = { type = "text", default = "cfp",
                    help = { en = "the certificate, as it stands in certificates of users", ko = "자격의 이름, 사용자의 certificates에 적힌 그대로" } },
    kinds       = { type = "text", default = "household",
                    help = { en = "kinds of account that it is for, with commas", ko = "대상 고객의 종류, 쉼표로 구분" } },
    pass_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days to pass the account on", ko = "자격이 있는 사람에게 고객을 넘기는 기한(영업일)" } },
  },
  start_when = {
    where = 'kind in ({kinds}) and stage in (onboarding, active) and owner is not empty'
      .. ' and (owner.certificates is empty or not owner.certificates contains "{certificate}")',
  },
  re_entry   = { at_most = 4, in_days = 365 },
  stop_when  = { where = "stage in (leaving, former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say, owner = run.settings, text.say(run.language), run.account.owner

    -- nil while the same person looks after it without one.
    local function settled()
      local certificates = (run.account["owner.certificates"] or ""):lower()
      if not certificates:find(settings.certificate:lower(), 1, true) then return end
      return run.account.owner == owner and "certified" or "passed_on"
    end

    run:task("pass on", {
      title    = {
        en = "{account.name}: {account.owner.name} has no {settings.certificate}; give it to somebody who has",
        ko = "{account.name}: {account.owner.name} 님은 {settings.certificate} 자격 없음, 자격이 있는 사람에게 배정",
      },
      reason   = { en = "until then nothing may be proposed to them", ko = "그때까지 제안 금지" },
      to       = "owner.manager",
      due      = { business_days = settings.pass_days },
      priority = "high",
      type     = "certificate",
    })
    for n = 1, 50 do
      local how = settled()
      if how then
        run:close("settled", { step = "pass on", outcome = say("somebody certified looks after it", "자격이 있는 사람이 담당함") })
        return how
      end
      local news = run:first("news " .. n, {
        account = { event = "account.updated", within = { business_days = settings.pass_days } },
        done    = { done = "pass on", within = { business_days = settings.pass_days } },
      })
      if news.timed_out or news.which == "done" then break end
    end
    -- A certificate that the same person got tells the account nothing, so it is looked at once more.
    local how = settled()
    if how then return how end
    run:escalate("uncovered", {
      to   = "owner",
      text = {
        en = "{account.name}: nobody with {settings.certificate} looks after it; propose nothing, and ask your manager",
        ko = "{account.name}: {settings.certificate} 자격 담당자 없음, 제안하지 말고 상사에게 문의하세요",
      },
    })
    return "uncovered"
  end,
}
