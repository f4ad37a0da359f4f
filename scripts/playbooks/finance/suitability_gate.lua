-- For the adviser and whoever watches over proposals: before anything is proposed to a customer, the adviser writes down why it fits that
-- customer, and somebody else agrees. Without it the proposal does not go out; when it has gone out all the same, that is said aloud.
return playbook {
  name     = "suitability_gate",
  summary  = "No proposal to a customer before somebody else agrees that it fits",
  api      = 1,
  subject  = "opportunity",
  outcomes = { "suitable", "unsuitable", "not_shown", "not_decided" },
  settings = {
    kinds       = { type = "text", default = "household",
                    help = { en = "kinds of account that it is for, with commas: household, company", ko = "대상 고객의 종류, 쉼표로 구분: household, company" } },
    adviser     = { type = "role", default = "owner",
                    help = { en = "who proposes: a role, or any:advisers certificate:cfp", ko = "제안하는 사람: 역할, 또는 any:advisers certificate:cfp" } },
    checker     = { type = "role", default = "owner.manager",
                    help = { en = "who agrees, first; never the one who proposes alone", ko = "첫 번째 승인자, 제안자 혼자 승인할 수는 없음" } },
    second      = { type = "role", default = "finance",
                    help = { en = "who agrees, second", ko = "두 번째 승인자" } },
    due_days    = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days to write down why it fits", ko = "적합한 이유를 기록하는 기한(영업일)" } },
    decide_days = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days to agree or not", ko = "승인 여부를 정하는 기한(영업일)" } },
  },
  start_when = { where = "stage = proposal and account.kind in ({kinds})" },
  re_entry   = { at_most = 5, in_days = 90 },
  stop_when  = { where = "stage = lost" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings

    local function went_out()
      local stage = run.opportunity.stage
      if stage == "negotiation" or stage == "won" then
        run:escalate("went out", {
          to       = settings.second,
          text     = {
            en = "{account.name}: {name} went to the customer without anybody having agreed that it fits",
            ko = "{account.name}: {name} 적합성 승인 없이 고객에게 제안됨",
          },
          priority = "urgent",
        })
      end
    end

    run:task("why", {
      title    = {
        en = "{account.name}, {name}: write down why it fits this customer",
        ko = "{account.name}, {name}: 이 고객에게 적합한 이유 기록",
      },
      to       = settings.adviser,
      due      = { business_days = settings.due_days },
      reason   = {
        en = "profile valid and complete? risk, experience, horizon, costs, what else was looked at. Nothing goes out before",
        ko = "프로필 유효 여부, 위험 성향, 경험, 기간, 비용, 검토한 대안. 그 전에는 제안 금지",
      },
      priority = "high",
      type     = "suitability",
    })
    local why = run:wait("written", { done = "why", within = { business_days = settings.due_days + 2 } })
    if why.timed_out or why.cancelled then
      run:escalate("not shown", {
        to   = settings.checker,
        text = {
          en = "{account.name}, {name}: nobody has shown that it fits; it must not be proposed",
          ko = "{account.name}, {name}: 적합성이 제시되지 않음, 제안 금지",
        },
      })
      went_out()
      return "not_shown"
    end

    local word = run:approve("fits", {
      title   = { en = "{account.name}: does {name} fit this customer?", ko = "{account.name}: {name}, 이 고객에게 적합합니까?" },
      by      = { settings.checker, settings.second },
      n_of    = 2,
      reason  = { en = "the adviser wrote: " .. (why.outcome or "-"), ko = "담당자 의견: " .. (why.outcome or "-") },
      expires = { business_days = settings.decide_days },
    })
    if word.approved then
      run:log("agreed", "agreed: " .. (word.comment or "-"))
      return "suitable"
    end
    went_out()
    if word.timed_out then
      run:task("undecided", {
        title    = {
          en = "{account.name}, {name}: nobody has decided whether it fits; it must not be proposed",
          ko = "{account.name}, {name}: 적합성 미결정, 제안 금지",
        },
        reason   = { en = "asked of two, not decided in time", ko = "두 사람에게 요청했으나 기한 내 결정 없음" },
        to       = "owner",
        priority = "urgent",
        type     = "block",
      })
      return "not_decided"
    end
    run:task("change", {
      title  = { en = "{account.name}: {name} does not fit; change it or withdraw it", ko = "{account.name}: {name} 부적합, 변경 또는 철회" },
      to     = "owner",
      due    = { business_days = 1 },
      reason = { en = "refused: " .. (word.comment or "-"), ko = "거절 사유: " .. (word.comment or "-") },
      type   = "block",
    })
    return "unsuitable"
  end,
}
