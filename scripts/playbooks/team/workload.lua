-- For whoever leads people who look after accounts: every four weeks the open tasks of each of them are counted, urgent ones for more
-- than one. Who has more than fits is put before the lead, who moves some, or says that it is fine; then it is counted again. New work
-- respects `capacity` of the person by itself where a team is asked (any:TEAM); this is for what came by roles.
local text = lib "text"

return playbook {
  name     = "workload",
  summary  = "Count what each colleague has to do, and take some of it off whoever has too much",
  api      = 1,
  subject  = "user",
  outcomes = { "fits", "accepted", "relieved", "still_full", "unanswered", "no_lead" },
  settings = {
    weeks         = { type = "integer", default = 4, min = 1, max = 52,
                      help = { en = "weeks from one look to the next", ko = "점검 주기(주)" } },
    most          = { type = "integer", default = 30, min = 1, max = 10000, unit = "tasks",
                      help = { en = "load that fits, for whoever has no capacity of their own",
                               ko = "개인별 처리 한도가 없는 담당자에게 적용하는 적정 업무량" } },
    urgent_weight = { type = "integer", default = 2, min = 1, max = 100, unit = "tasks",
                      help = { en = "an open task of high or urgent priority counts for so many",
                               ko = "우선순위가 높음 또는 긴급인 미완료 업무 한 건을 몇 건으로 셀지" } },
    answer_days   = { type = "integer", default = 3, min = 0, max = 365,
                      help = { en = "business days for the lead's answer", ko = "팀장이 답해야 하는 기한(영업일)" } },
    move_days     = { type = "integer", default = 5, min = 1, max = 365,
                      help = { en = "business days to move work; then it is counted again", ko = "업무를 옮기는 기한(영업일), 이후 다시 집계" } },
  },
  start_when = { every = { weeks = setting "weeks" }, where = "active = yes and manager is not empty" },
  stop_when  = { where = "active = no" },
  on_stop    = "close",

  steps = function(run)
    local settings, lead = run.settings, run.user["manager.name"]
    if not lead then return "no_lead" end
    local say, most = text.say(run.user["manager.language"] or run.language), run.user.capacity or settings.most

    local function load_of(when)
      local open = run:count("open " .. when, "task", { of = "all", where = "assignee = {user} and status = open" })
      local urgent = run:count("urgent " .. when, "task", {
        of = "all", where = "assignee = {user} and status = open and priority in (high, urgent)",
      })
      return open.count + urgent.count * (settings.urgent_weight - 1), open.count, urgent.count
    end

    local load, open, urgent = load_of "now"
    if load <= most then return "fits" end
    local late = run:count("late", "task", { of = "all", where = "assignee = {user} and status = open and due_on < today" })
    local accounts = run:count("accounts", "task", { of = "all", distinct = "account", where = "assignee = {user} and status = open" })
    local touches = run:count("touches", "interaction", { of = "all", where = "user = {user} and happened_at within last 7 days" })

    local move, fine = say("move some", "일부 이관"), say("it is fine", "괜찮음")
    local said = run:ask("too much", {
      question = {
        en = "{name} has " .. load .. " where " .. most .. " fit: " .. open .. " open tasks of " .. accounts.count .. " accounts, "
          .. urgent .. " of them urgent, " .. late.count .. " overdue; " .. touches.count .. " talks in a week. Move some?",
        ko = "{name} 님의 업무량 " .. load .. ", 적정 " .. most .. ": 고객사 " .. accounts.count .. "곳의 할 일 " .. open .. "건, 긴급 "
          .. urgent .. "건, 기한 초과 " .. late.count .. "건, 일주일 상담 " .. touches.count .. "건. 일부를 이관할까요?",
      },
      choices  = { move, fine },
      of       = "user:" .. lead,
      within   = { business_days = settings.answer_days },
    })
    if said.choice == fine then return "accepted" end
    if said.choice ~= move then
      local above = run.user["manager.manager.name"]
      if above then
        run:notify("no answer", {
          to   = "user:" .. above,
          text = {
            en = "{name} has " .. load .. " where " .. most .. " fit, and " .. lead .. " has not said what becomes of it",
            ko = "{name} 님의 업무량 " .. load .. ", 적정 " .. most .. ". " .. lead .. " 님의 답이 없습니다",
          },
        })
      end
      return "unanswered"
    end

    run:task("move", {
      title    = { en = "Move work of {name} to others: " .. load - most .. " too much", ko = "{name} 님의 업무 이관: 초과 " .. load - most },
      reason   = { en = "tend task assign TASK PERSON; snoozing moves nothing off", ko = "tend task assign TASK PERSON, 미루기는 줄이지 않음" },
      to       = "user:" .. lead,
      due      = { business_days = settings.move_days },
      priority = "high",
      type     = "workload",
    })
    run:wait("moved", { done = "move", within = { business_days = settings.move_days } })
    run:close("counted again", { step = "move", outcome = say("it is counted again", "다시 집계함") })
    local after = load_of "then"
    if after <= most then return "relieved" end
    run:notify("still full", {
      to   = "user:" .. lead,
      text = { en = "{name} still has " .. after .. " where " .. most .. " fit; it was " .. load,
               ko = "{name} 님의 업무량이 아직 " .. after .. ", 적정 " .. most .. ", 이전 " .. load },
    })
    return "still_full"
  end,
}
