-- For whoever renews: ninety days before a contract ends the owner writes a plan, is called once more when the days get few, and the manager
-- hears when nothing happens. What renews itself is decided by the last day to give notice. renewal_prepare begins half a year before.
local dates = lib "dates"

local last_days = 7 -- before the end, or before the last day to give notice: the last call

-- What tells this contract from the others of the account.
local function name_of(contract)
  if contract.name then return ", {contract.name}" end
  if contract.number then return ", {contract.number}" end
  return ""
end

return playbook {
  name     = "renewal",
  summary  = "Prepare a renewal 90 days before a contract ends",
  api      = 1,
  subject  = "contract",            -- one active run per contract; every step knows this contract and its account
  outcomes = { "renewed", "not_renewed" },
  settings = {
    lead_days = { type = "integer", default = 90, min = 1, max = 1095,
                  help = { en = "days before the end at which the work starts", ko = "갱신 준비를 시작하는 시점, 계약 종료 며칠 전" } },
    plan_days = { type = "integer", default = 10, min = 1, max = 365,
                  help = { en = "business days the owner has to write the plan", ko = "담당자가 갱신 계획을 작성하는 기한(영업일)" } },
  },
  start_when = {
    days = setting "lead_days", before = "contract.ends_on", if_late = "start",
    where = "contract.status = active and account.segment in (key, growth)",
  },
  stop_when = { event = "contract.cancelled" },

  steps = function(run)
    local name, notice, today = name_of(run.contract), run.contract.notice_on, run.today
    local renews_itself = run.contract.auto_renew
    local ends_on = run.contract.ends_on or today
    -- What goes on by itself is decided by the last day to give notice, if that is still to come.
    local has_notice = renews_itself and notice and notice >= today
    local decided_by = has_notice and "contract.notice_on" or "contract.ends_on"
    local left = dates.between(today, has_notice and notice or ends_on)
    local is_late = left <= last_days

    local title = { en = "Write the renewal plan for {account.name}" .. name, ko = "{account.name}" .. name .. " 갱신 계획 작성" }
    if renews_itself then
      title = {
        en = "Decide on {account.name}" .. name .. ": it renews itself after {contract.ends_on}",
        ko = "{account.name}" .. name .. " 갱신 여부 결정: {contract.ends_on} 이후 자동 갱신",
      }
      if has_notice then
        title.en = title.en .. "; last day to give notice {contract.notice_on}"
        title.ko = title.ko .. "; 해지 통보 기한 {contract.notice_on}"
      end
    end
    run:task("plan", {
      title  = title,
      to     = "owner",              -- a role, looked up when the task is made, with absence and deputy
      due    = { business_days = run.settings.plan_days, at_latest = { days = is_late and 0 or last_days + 1, before = decided_by } },
      reason = { en = "Prepare a renewal {settings.lead_days} days before a contract ends", ko = "계약 종료 {settings.lead_days}일 전 갱신 준비" },
    })
    if not is_late then
      local plan = run:wait("plan written", {
        done   = "plan",
        within = { business_days = run.settings.plan_days + 5, at_latest = { days = last_days, before = decided_by } },
      })
      if plan.timed_out then
        run:escalate("plan late", {
          to   = "owner.manager",
          text = { en = "{account.name}" .. name .. ": no renewal plan yet", ko = "{account.name}" .. name .. ": 갱신 계획이 아직 없음" },
        })
      end
      local renewal = run:wait("renewed", {
        event = "contract.renewed",
        by    = { days = last_days, before = decided_by },   -- follows the date when it moves
      })
      if not renewal.timed_out then return "renewed" end
      -- The date may have moved, and the engine may have slept: what is over is not called for.
      local until_day = has_notice and run.contract.notice_on or run.contract.ends_on
      left = until_day and dates.between(run.today, until_day) or 0
      if left >= 0 then
        local days = left == 1 and "1 day" or left .. " days"
        local what = {
          en = renews_itself and " renews itself after {contract.ends_on}; " .. days .. " left to decide" or " has not signed; " .. days .. " left",
          ko = renews_itself and ": {contract.ends_on} 이후 자동 갱신, 결정까지 " .. left .. "일 남음" or ": 아직 서명하지 않음, " .. left .. "일 남음",
        }
        run:task("last call", {
          title = { en = "{account.name}" .. name .. what.en, ko = "{account.name}" .. name .. what.ko },
          to    = "owner",
          due   = { business_days = 1, at_latest = { on = decided_by } },
        })
      end
    end
    local renewal = run:wait("renewed late", { event = "contract.renewed", by = { on = "contract.ends_on" } })
    if renewal.timed_out and not renews_itself then return "not_renewed" end
    return "renewed"
  end,
}
