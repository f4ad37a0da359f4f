-- One account of a training campaign: its manager invites it in person, and says afterwards whether it came; who did not is called.
-- training_campaign begins it, or somebody by hand.
local text = lib "text"

return playbook {
  name     = "training_invitation",
  summary  = "Invite one account to a training and see whether it came",
  api      = 1,
  subject  = "account",
  outcomes = { "came", "did_not_come", "not_invited" },
  settings = {
    invite_days = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days to invite the account", ko = "고객을 초대하는 기한(영업일)" } },
    after_days  = { type = "integer", default = 2, min = 1, max = 365,
                    help = { en = "business days after the training until it is asked who came", ko = "교육 후 참석 여부를 묻기까지의 기간(영업일)" } },
  },
  re_entry  = { at_most = 2, in_days = 180, cool_down_days = 30 },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local programme, starts_on = run.args.programme, run.args.starts_on
    local what = { en = "the next training", ko = "다음 교육" }
    if programme and starts_on then
      what = { en = programme .. " on " .. starts_on, ko = starts_on .. " " .. programme }
    end
    run:task("invite", {
      title  = { en = "Invite {name} to " .. what.en, ko = "{name} 초대: " .. what.ko },
      to     = "csm",
      due    = { business_days = run.settings.invite_days },
      reason = { en = "{name} uses the product little; invite the people who should use it",
                 ko = "{name}의 사용량이 적습니다. 실제로 쓸 사람을 초대하세요" },
      type   = "invitation",
    })
    local invited = run:wait("invited", { done = "invite", within = { business_days = run.settings.invite_days + 5 } })
    if invited.timed_out or invited.cancelled then
      run:close("too late", { step = "invite", outcome = "not invited in time" })
      return "not_invited"
    end
    if starts_on and starts_on > run.today then run:sleep("training", { on = starts_on }) end
    run:sleep("after it", { business_days = run.settings.after_days })
    local came = run:ask("came", {
      question = { en = "Did {name} come to " .. what.en .. "?", ko = "{name} 참석 여부: " .. what.ko },
      choices  = { say("yes", "예"), say("no", "아니요") },
      of       = "csm",
      within   = { business_days = 5 },
    })
    if came.choice == say("yes", "예") then return "came" end
    run:task("call", {
      title = { en = "{name} did not come to " .. what.en .. ": call and offer another way",
                ko = "{name} 불참 (" .. what.ko .. "): 전화해서 다른 방법을 제안하세요" },
      to    = "csm",
      due   = { business_days = 5 },
      type  = "call",
    })
    return "did_not_come"
  end,
}
