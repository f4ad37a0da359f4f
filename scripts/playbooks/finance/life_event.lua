-- For the adviser: something happened in a customer's life: an inheritance, a gift, retirement, a wedding, a divorce, a birth, a death, a
-- house. Told by hand: tend event send custom.life_event account="Lee family" reason="she inherits a house". The adviser says what it is;
-- what has to be thought of is put before the right people, and the profile is looked at again before anything is proposed.
local text = lib "text"

-- What each event asks for; `to` is a setting.
local events = {
  { en = "inheritance", ko = "상속", tasks = {
    { "tax", en = "inheritance tax: allowances, deadlines, what is to be declared", ko = "상속세: 공제, 신고 기한, 신고 대상" },
    { "adviser", en = "what came in: keep, sell, or take into the portfolio", ko = "상속 재산: 보유, 매각 또는 포트폴리오 편입" },
    { "adviser", en = "heirs and powers: who may give instructions now", ko = "상속인과 권한: 이제 누가 지시할 수 있는지" },
  } },
  { en = "gift", ko = "증여", tasks = {
    { "tax", en = "gift tax: allowances, and gifts of the last years", ko = "증여세: 공제와 과거 증여 합산" },
    { "adviser", en = "does what is left still meet their goals", ko = "증여 후에도 목표 달성이 가능한지" },
  } },
  { en = "retirement", ko = "은퇴", tasks = {
    { "adviser", en = "income and spending from now on; how long the money has to last", ko = "은퇴 후 수입과 지출, 자금이 유지되어야 할 기간" },
    { "adviser", en = "risk: what they can bear without a salary", ko = "급여 없이 감당할 수 있는 위험" },
    { "tax", en = "pensions: when to draw which, and their tax", ko = "연금: 수령 시기와 세금" },
  } },
  { en = "marriage", ko = "결혼", tasks = {
    { "adviser", en = "goals and accounts of both; who decides on what", ko = "두 사람의 목표와 계좌, 결정 권한" },
    { "adviser", en = "beneficiaries of insurances and pensions", ko = "보험과 연금 수익자" },
  } },
  { en = "divorce", ko = "이혼", tasks = {
    { "adviser", en = "stop joint instructions until it is written who may give them", ko = "권한이 서면 확인될 때까지 공동 지시 중지" },
    { "tax", en = "splitting what they own, and its tax", ko = "재산 분할과 세금" },
    { "adviser", en = "beneficiaries of insurances and pensions", ko = "보험과 연금 수익자" },
  } },
  { en = "birth", ko = "출산", tasks = {
    { "adviser", en = "cover for the family; savings for the child", ko = "가족 보장과 자녀 저축" },
    { "adviser", en = "beneficiaries, and who decides for the child", ko = "수익자와 자녀의 법정 대리인" },
  } },
  { en = "death", ko = "사망", tasks = {
    { "adviser", en = "condolences by a person, no mails from machines; stop what goes out by itself", ko = "담당자가 직접 조의, 자동 발송 중지" },
    { "adviser", en = "who is entitled; nothing is carried out before that is proven", ko = "권리자 확인 전에는 어떤 지시도 실행 금지" },
    { "tax", en = "deadlines of inheritance tax", ko = "상속세 신고 기한" },
  } },
  { en = "house", ko = "주택", tasks = {
    { "adviser", en = "money needed when; what is sold for it and what that costs", ko = "필요 자금과 시기, 매도 대상과 비용" },
    { "adviser", en = "loan: own means, rate, what if it rises", ko = "대출: 자기자본, 금리, 상승 시 부담" },
  } },
}

return playbook {
  name     = "life_event",
  summary  = "Think of everything when something happens in a customer's life",
  api      = 1,
  subject  = "account",
  outcomes = { "handled", "nothing", "not_said", "open" },
  settings = {
    adviser  = { type = "role", default = "owner",
                 help = { en = "who looks after the customer: a role, or any:advisers certificate:cfp",
                          ko = "고객을 담당하는 사람: 역할, 또는 any:advisers certificate:cfp" } },
    tax      = { type = "role", default = "finance",
                 help = { en = "who knows about taxes: a role, user:NAME, or any:TEAM skill:tax", ko = "세금을 맡는 사람: 역할, user:NAME, 또는 any:TEAM skill:tax" } },
    say_days = { type = "integer", default = 3, min = 1, max = 365,
                 help = { en = "business days to say what happened", ko = "어떤 생애 사건인지 답하는 기한(영업일)" } },
    due_days = { type = "integer", default = 10, min = 1, max = 365,
                 help = { en = "business days for each thing that has to be thought of", ko = "챙겨야 할 항목마다의 기한(영업일)" } },
  },
  start_when = { event = "custom.life_event" },
  re_entry   = { at_most = 6, in_days = 365 },
  stop_when  = { where = "stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local nothing, choices, waits = say("nothing", "없음"), {}, {}
    local happened

    for i, event in ipairs(events) do choices[i] = say(event.en, event.ko) end
    choices[#choices + 1] = nothing
    local what = run:ask("what", {
      question = { en = "What has happened in the life of {account.name}?", ko = "{account.name}에 어떤 생애 사건이 있었습니까?" },
      choices  = choices,
      of       = settings.adviser,
      within   = { business_days = settings.say_days },
    })
    if what.choice == nothing or what.cancelled then return "nothing" end
    for i, event in ipairs(events) do
      if what.choice == choices[i] then happened = event end
    end
    if not happened then
      run:escalate("not said", {
        to   = "owner.manager",
        text = {
          en = "{account.name}: something has happened in their life and nobody has said what",
          ko = "{account.name}: 생애 사건이 있었으나 내용이 확인되지 않음",
        },
      })
      return "not_said"
    end

    for i, task in ipairs(happened.tasks) do
      local step = "think of " .. i
      run:task(step, {
        title  = { en = "{account.name}, " .. happened.en .. ": " .. task.en, ko = "{account.name}, " .. happened.ko .. ": " .. task.ko },
        to     = settings[task[1]],
        due    = { business_days = settings.due_days },
        reason = { en = "a " .. happened.en .. " in their life", ko = "생애 사건: " .. happened.ko },
        type   = "life event",
      })
      waits[step] = { done = step, within = { business_days = settings.due_days + 5 } }
    end
    local done = run:all("thought of", waits)
    run:task("profile", {
      title    = {
        en = "{account.name}: go through the profile again after the " .. happened.en .. "; nothing is proposed before",
        ko = "{account.name}: " .. happened.ko .. " 이후 프로필 재확인, 그 전에는 제안 금지",
      },
      reason   = { en = "goals and risk may be others now", ko = "목표와 위험 성향이 달라졌을 수 있음" },
      to       = settings.adviser,
      due      = { business_days = settings.due_days },
      priority = "high",
      type     = "profile",
    })
    local profile = run:wait("profile looked at", { done = "profile", within = { business_days = settings.due_days + 5 } })
    if done.timed_out or profile.timed_out then
      run:escalate("open", {
        to   = "owner.manager",
        text = {
          en = "{account.name}, " .. happened.en .. ": something that had to be thought of is still open",
          ko = "{account.name}, " .. happened.ko .. ": 아직 처리되지 않은 항목이 있음",
        },
      })
      return "open"
    end
    return "handled"
  end,
}
