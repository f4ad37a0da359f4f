-- For the negotiator: before the first round the leverage is looked at, not in it. While it goes on, the must-haves (a term, a margin) are
-- guarded: an offer that breaks one needs the consent of whoever answers for it, before the customer sees it. What is nice to have is a
-- reminder of what can be given instead of price.
local negotiation = lib "negotiation"

return playbook {
  name     = "negotiation",
  summary  = "Prepare a negotiation and guard its must-haves until it is won or lost",
  api      = 1,
  subject  = "opportunity",
  outcomes = { "won", "lost", "won_below", "endless" },
  settings = {
    term_months    = { type = "integer", default = 24, min = 1, max = 120,
                       help = { en = "must-have: months of the term, at least", ko = "필수 조건: 최소 계약 기간(개월)" } },
    margin_percent = { type = "integer", default = 30, min = 0, max = 100,
                       help = { en = "must-have: margin in percent, at least", ko = "필수 조건: 최소 마진율(%)" } },
    nice           = { type = "text", default = "extra support, free training",
                       help = { en = "nice to have: what we can give instead of price", ko = "있으면 좋은 조건: 가격 대신 줄 수 있는 것" } },
    prepare_days   = { type = "integer", default = 3, min = 1, max = 365,
                       help = { en = "business days to prepare the first round", ko = "첫 협상 준비 기한(영업일)" } },
    approve_days   = { type = "integer", default = 2, min = 1, max = 365,
                       help = { en = "business days for the consent to an offer that breaks a must-have", ko = "필수 조건에 미달하는 제안을 승인하는 기한(영업일)" } },
    quiet_days     = { type = "integer", default = 21, min = 1, max = 365,
                       help = { en = "days without news after which it is asked how it stands", ko = "소식이 없을 때 협상 현황을 확인하기까지의 일수" } },
  },
  start_when = { where = "stage = negotiation" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    run:task("leverage", {
      title  = { en = "Before the first round with {account.name}: leverage, ranges, who decides", ko = "{account.name} 협상 전 준비: 협상력, 범위, 결정권자" },
      to     = "owner",
      due    = { business_days = settings.prepare_days },
      reason = { en = "what only we can do; what changing would cost them; their deadline; the competitor's offer (what exactly, until when, with what service)"
                   .. "; who else has a say. Must-haves: {settings.term_months} months, {settings.margin_percent}% margin; instead of price: {settings.nice}",
                 ko = "우리만 줄 수 있는 것; 교체 비용; 고객의 기한; 경쟁사 제안(정확히 무엇을, 언제까지, 어떤 서비스로); 다른 이해관계자."
                   .. " 필수 조건: {settings.term_months}개월, 마진 {settings.margin_percent}%; 가격 대신 줄 것: {settings.nice}" },
      type   = "negotiation",
    })
    local allowed, asked = "", false
    for n = 1, 60 do
      local offer = run.opportunity
      if offer.stage == "lost" then return "lost" end
      local broken = negotiation.broken(offer, settings)
      local words = negotiation.line(broken, "en")
      if offer.stage == "won" then
        if words ~= "" and words ~= allowed then
          run:escalate("won below", {
            to   = "owner.manager",
            text = { en = "{account.name}: {name} was closed below the must-haves without consent: " .. words,
                     ko = "{account.name}: {name}, 필수 조건 미달로 승인 없이 체결됨: " .. negotiation.line(broken, "ko") },
          })
          return "won_below"
        end
        return "won"
      end
      if words ~= "" and words ~= allowed then
        local consent = run:approve("consent " .. n, {
          title  = { en = "Offer {account.name} less than our must-haves? " .. words,
                     ko = "{account.name}에 필수 조건 미달로 제안할까요? " .. negotiation.line(broken, "ko") },
          to     = "owner.manager",
          reason = { en = "{name}, {amount}; what do we get for it? nothing is given for nothing",
                     ko = "{name}, {amount}; 그 대신 무엇을 얻나요? 대가 없는 양보는 없습니다" },
          within = { business_days = settings.approve_days },
        })
        if consent.approved then
          allowed = words
        else
          run:task("back " .. n, {
            title    = { en = "Do not offer it to {account.name}: " .. words, ko = "{account.name}에 제안하지 마세요: " .. negotiation.line(broken, "ko") },
            to       = "owner",
            due      = { business_days = 1 },
            reason   = { en = "not agreed to; instead of price: {settings.nice}", ko = "승인되지 않음; 가격 대신: {settings.nice}" },
            priority = "high",
            type     = "negotiation",
          })
          allowed = words -- said once; another offer is asked about again
        end
      end
      local news = run:wait("news " .. n, { event = "opportunity.updated", within = { days = settings.quiet_days } })
      if news.timed_out and not asked then
        asked = true
        run:task("quiet " .. n, {
          title = { en = "How does the negotiation with {account.name} stand? No news for {settings.quiet_days} days",
                    ko = "{account.name} 협상 현황 확인: {settings.quiet_days}일 동안 소식 없음" },
          to    = "owner",
          due   = { business_days = 2 },
          type  = "negotiation",
        })
      elseif news.timed_out then
        run:escalate("endless", {
          to   = "owner.manager",
          text = { en = "{account.name}: the negotiation of {name} does not move", ko = "{account.name}: {name} 협상이 진전되지 않음" },
        })
        return "endless"
      else
        asked = false
      end
    end
    return "endless"
  end,
}
