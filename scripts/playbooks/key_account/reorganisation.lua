-- For the key account manager: somebody who decides leaves the customer. Customers reorganise almost every year, and contracts go with people:
-- the successor is found, met, and told what was agreed, and where the champion went to is worth a call.
return playbook {
  name     = "reorganisation",
  summary  = "Find and win the successor of a contact who decided and left",
  api      = 1,
  subject  = "contact",
  outcomes = { "succeeded", "no_successor" },
  settings = {
    find_days = { type = "integer", default = 5, min = 1, max = 365,
                  help = { en = "business days to find the successor", ko = "후임을 확인하는 기한(영업일)" } },
    meet_days = { type = "integer", default = 15, min = 1, max = 365,
                  help = { en = "business days until the successor was met", ko = "후임을 만나는 기한(영업일)" } },
  },
  start_when = { where = "left_on is not empty and power in (high, medium) and account.segment in (key, growth)" },
  re_entry   = { at_most = 1 },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    local was_ours = run.contact.stance == "champion" or run.contact.stance == "supporter"
    run:task("successor", {
      title    = { en = "Who follows {name} at {account.name}?", ko = "{account.name} {name}의 후임을 확인하세요" },
      to       = "owner",
      due      = { business_days = settings.find_days },
      reason   = { en = "{title}, left on {left_on}, stance: {stance}; look at the whole chart, others may have moved too",
                   ko = "{title}, {left_on} 퇴사, 태도: {stance}; 조직도 전체를 확인하세요, 다른 사람도 바뀌었을 수 있습니다" },
      priority = was_ours and "high" or "normal",
      type     = "coverage",
    })
    if was_ours then
      run:task("where to", {
        title  = { en = "Ask {name} where they went, and stay in touch", ko = "{name}의 새 직장을 확인하고 연락을 이어 가세요" },
        to     = "{counterpart}",
        due    = { days = 30 },
        reason = { en = "{name} was on our side at {account.name}", ko = "{name}, {account.name}에서 우리를 지지하던 분입니다" },
        type   = "call",
      })
    end
    local found = run:wait("found", { done = "successor", within = { business_days = settings.find_days + 5 } })
    if found.timed_out or found.cancelled then
      run:escalate("no successor", {
        to   = "owner.manager",
        text = { en = "{account.name}: nobody knows who follows {name} ({title})", ko = "{account.name}: {name}({title})의 후임을 아직 모름" },
      })
      return "no_successor"
    end
    run:task("meet", {
      title  = { en = "Meet the successor of {name} at {account.name} and tell what was agreed",
                 ko = "{account.name} {name}의 후임을 만나 지금까지의 합의를 설명하기" },
      to     = "owner",
      due    = { business_days = settings.meet_days },
      reason = { en = "add them as a contact, with power, stance and level", ko = "연락처에 등록하고 결정권, 태도, 직급을 적으세요" },
      type   = "meeting",
    })
    local met = run:wait("met", { done = "meet", within = { business_days = settings.meet_days + 10 } })
    if met.timed_out then
      run:escalate("not met", {
        to   = "owner.manager",
        text = { en = "{account.name}: the successor of {name} has not been met", ko = "{account.name}: {name}의 후임을 아직 만나지 않음" },
      })
    end
    return met.timed_out and "no_successor" or "succeeded"
  end,
}
