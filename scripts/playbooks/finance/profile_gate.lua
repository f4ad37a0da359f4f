-- For the adviser: a profile that is a draft, or of which something is missing, lets nothing be proposed. It is completed with the customer,
-- or it goes to the manager, and a task says plainly that nothing may be proposed until it is complete.
local text = lib "text"

return playbook {
  name     = "profile_gate",
  summary  = "Complete a customer's profile; no proposal without one",
  api      = 1,
  subject  = "profile",
  outcomes = { "complete", "dropped", "incomplete" },
  settings = {
    due_days = { type = "integer", default = 10, min = 1, max = 365,
                 help = { en = "business days to complete it with the customer", ko = "고객과 함께 프로필을 완성하는 기한(영업일)" } },
    more_days = { type = "integer", default = 20, min = 1, max = 365,
                  help = { en = "business days after the manager was told, until the run gives up", ko = "상사에게 알린 뒤 실행을 끝내기까지의 기간(영업일)" } },
  },
  start_when = { where = "status = draft or (status = valid and complete = no)" },
  re_entry   = { at_most = 4, in_days = 365 },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)

    -- Valid and nothing missing; tasks that are done tell nothing, the profile does.
    local function is_complete(step, days)
      for n = 1, 50 do
        if run.profile.status == "valid" and run.profile.complete ~= false then return true end
        if run:wait(step .. " " .. n, { event = "profile.updated", within = { business_days = days } }).timed_out then return false end
      end
      return false
    end

    run:task("complete", {
      title  = { en = "Complete the {kind} profile with {account.name}", ko = "{account.name}의 {kind} 프로필을 고객과 함께 완성" },
      to     = "owner",
      due    = { business_days = settings.due_days },
      reason = { en = "nothing may be proposed before it is complete", ko = "완성 전에는 어떤 제안도 할 수 없음" },
      type   = "profile",
    })
    local is_done = is_complete("news", settings.due_days)
    if not is_done then
      run:escalate("incomplete", {
        to   = "owner.manager",
        text = {
          en = "{account.name}: the {kind} profile is incomplete; nothing may be proposed",
          ko = "{account.name}: {kind} 프로필 미완성, 제안 불가",
        },
      })
      is_done = is_complete("late news", settings.more_days)
    end
    run:close("task", { step = "complete", outcome = is_done and say("complete", "완성") or say("given up", "중단") })
    if is_done then return "complete" end
    return run.profile.status == "expired" and "dropped" or "incomplete"
  end,
}
