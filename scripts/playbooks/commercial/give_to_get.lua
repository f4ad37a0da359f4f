-- For the negotiator: nothing is given for nothing. What is given (tend add concession side=give) names what we get for it; where it does not,
-- whoever gave it is asked for the other side, and what stays without one is agreed to by the manager or taken back.
return playbook {
  name     = "give_to_get",
  summary  = "See that every concession has something that we get for it",
  api      = 1,
  subject  = "concession",
  outcomes = { "paired", "agreed", "taken_back" },
  settings = {
    pair_days  = { type = "integer", default = 3, min = 1, max = 365,
                   help = { en = "business days to name what we get for it", ko = "양보의 대가를 정하는 기한(영업일)" } },
    agree_days = { type = "integer", default = 3, min = 1, max = 365,
                   help = { en = "business days for the manager to agree to one without", ko = "대가 없는 양보를 상사가 승인하는 기한(영업일)" } },
  },
  start_when = { where = "side = give and against is empty and (status is empty or status in (offered, agreed))" },
  stop_when  = { where = "status = withdrawn" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    run:task("get", {
      title  = { en = "What do we get from {account.name} for: {text}?", ko = "{account.name}에서 무엇을 얻나요? 양보: {text}" },
      to     = "{opportunity.owner}",
      due    = { business_days = settings.pair_days },
      reason = { en = "worth {value}; a longer term, a case study, a reference, an earlier signature; add it (side=get) and name it in against",
                 ko = "가치 {value}; 더 긴 계약, 사례 공개, 추천, 빠른 서명; side=get으로 등록하고 against에 적으세요" },
      type   = "negotiation",
    })
    for n = 1, 10 do
      local news = run:wait("paired " .. n, { event = "concession.updated", within = { business_days = settings.pair_days } })
      if run.concession.against then
        run:close("paired", { step = "get", outcome = "paired" })
        return "paired"
      end
      if news.timed_out then break end
    end
    run:close("not paired", { step = "get", outcome = "nothing was named" })
    local agreed = run:approve("for nothing", {
      title  = { en = "Give {account.name} something for nothing: {text}?", ko = "{account.name}에 대가 없이 양보할까요: {text}?" },
      to     = "{opportunity.owner}.manager",
      reason = { en = "worth {value}; nobody named what we get for it", ko = "가치 {value}; 대가가 정해지지 않았습니다" },
      within = { business_days = settings.agree_days },
    })
    if agreed.approved then return "agreed" end
    run:task("take back", {
      title    = { en = "Take it back from {account.name}, or get something for it: {text}", ko = "{account.name}에 대한 양보 철회 또는 대가 확보: {text}" },
      to       = "{opportunity.owner}",
      due      = { business_days = 2 },
      priority = "high",
      type     = "negotiation",
    })
    return "taken_back"
  end,
}
