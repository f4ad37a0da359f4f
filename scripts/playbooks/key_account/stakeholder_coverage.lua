-- For the key account manager: everybody at a customer of segment key who decides something has one of us who keeps the relation, executives with
-- executives, managers with managers. Whoever is important and alone is shown once, and until somebody is named. Who is against us, a fox or
-- a kingpin, is won over in person: a workshop, agreed on by the team.
local function is_won_over(contact, archetypes)
  local archetype = contact.archetype and contact.archetype:lower()
  return archetype ~= nil and (", " .. archetypes:lower() .. ","):find(", " .. archetype .. ",", 1, true) ~= nil
end

return playbook {
  name     = "stakeholder_coverage",
  summary  = "Give every important contact a counterpart on our side",
  api      = 1,
  subject  = "contact",
  outcomes = { "covered", "gap_stays", "left" },
  settings = {
    name_days  = { type = "integer", default = 5, min = 1, max = 365,
                   help = { en = "business days to name a counterpart", ko = "우리 쪽 담당자를 정하는 기한(영업일)" } },
    meet_days  = { type = "integer", default = 20, min = 1, max = 365,
                   help = { en = "business days until the two have met", ko = "두 사람이 만나는 기한(영업일)" } },
    archetypes = { type = "text", default = "fox, kingpin, blocker",
                   help = { en = "archetypes who are invited to a workshop", ko = "워크숍에 초대하는 사람의 유형(archetype)" } },
  },
  start_when = { where = "power = high and counterpart is empty and left_on is empty and account.segment = key" },
  re_entry   = { cool_down_days = 90 },
  stop_when  = { where = "left_on is not empty" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    run:task("counterpart", {
      title  = { en = "Who of us keeps the relation with {name} ({account.name})?", ko = "{account.name} {name} 님을 맡을 담당자를 정하세요" },
      to     = "owner",
      due    = { business_days = settings.name_days },
      reason = { en = "decides a lot, level: {level}, and has no counterpart on the same level", ko = "결정권이 크지만 같은 직급({level})의 담당자가 없습니다" },
      type   = "coverage",
    })
    for n = 1, 30 do
      local news = run:wait("named " .. n, { event = "contact.updated", within = { business_days = settings.name_days + 5 } })
      if run.contact.counterpart then break end
      if news.timed_out then
        run:escalate("gap", {
          to   = "owner.manager",
          text = { en = "{account.name}: nobody of us keeps the relation with {name} ({title})", ko = "{account.name}: {name}({title}) 담당자가 아직 없음" },
        })
        return "gap_stays"
      end
    end
    run:close("named", { step = "counterpart", outcome = "named" })
    if is_won_over(run.contact, settings.archetypes) then
      run:task("workshop", {
        title  = { en = "Plan a workshop with {name} of {account.name} ({archetype})", ko = "{account.name} {name}({archetype})와 워크숍 준비" },
        to     = "owner",
        due    = { business_days = settings.meet_days },
        reason = { en = "stance: {stance}; win {name} over in person", ko = "태도: {stance}; 직접 만나 설득하세요" },
        type   = "workshop",
      })
    end
    run:task("meet", {
      title  = { en = "Meet {name} of {account.name}", ko = "{account.name} {name}와 첫 만남" },
      to     = "{counterpart}",
      due    = { business_days = settings.meet_days },
      reason = { en = "you keep this relation now; level: {level}, stance: {stance}", ko = "이제 이 관계를 맡으셨습니다; 직급: {level}, 태도: {stance}" },
      type   = "meeting",
    })
    local met = run:wait("met", { done = "meet", within = { business_days = settings.meet_days + 10 } })
    if met.timed_out then
      run:escalate("not met", {
        to   = "owner.manager",
        text = { en = "{account.name}: {counterpart} has not met {name} yet", ko = "{account.name}: {counterpart}, 아직 {name}를 만나지 않음" },
      })
    end
    return met.timed_out and "gap_stays" or "covered"
  end,
}
