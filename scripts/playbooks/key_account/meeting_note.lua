-- For whoever talks to customers: notes of a call or meeting in four parts, listen, acknowledge, explore, respond. Where nothing was explored,
-- the need behind what was said is not known: one more question is due. Where nothing was answered, the customer waits. And a need that was
-- found belongs into the list of needs before it is forgotten. The form: lib "laer".
local laer = lib "laer"

return playbook {
  name     = "meeting_note",
  summary  = "Follow up notes in four parts: listen, acknowledge, explore, respond",
  api      = 1,
  subject  = "interaction",
  outcomes = { "complete", "followed_up", "left_open" },
  settings = {
    ask_days  = { type = "integer", default = 5, min = 1, max = 365,
                  help = { en = "business days to ask what was not explored", ko = "탐색하지 않은 것을 물어보는 기한(영업일)" } },
    need_days = { type = "integer", default = 3, min = 1, max = 365,
                  help = { en = "business days to write the need down", ko = "니즈를 등록하는 기한(영업일)" } },
  },
  start_when = { event = "interaction.created", where = "text contains \"listen:\" or text contains \"경청:\"" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    local is_empty = {}
    for _, part in ipairs(laer.empty(run.interaction.text) or {}) do is_empty[part] = true end
    local about = run.interaction.subject and ": {subject}" or ""
    if not is_empty.explore then
      run:task("need", {
        title  = { en = "Write down what {account.name} needs", ko = "{account.name}의 니즈 등록" },
        to     = "{user}",
        due    = { business_days = settings.need_days },
        reason = { en = "it was explored in your talk" .. about .. "; tend add need account=… text=… horizon=…",
                   ko = "대화에서 확인됨" .. about .. "; tend add need account=… text=… horizon=…" },
        type   = "need",
      })
    end
    if not is_empty.explore and not is_empty.respond then return "complete" end
    if is_empty.respond then
      run:task("respond", {
        title  = { en = "Answer {account.name}: they said something and got no answer", ko = "{account.name}에 답변: 의견을 들었지만 답하지 않음" },
        to     = "{user}",
        due    = { business_days = settings.ask_days },
        reason = { en = "nothing is written under respond" .. about, ko = "응답이 비어 있음" .. about },
        type   = "call",
      })
    end
    if is_empty.explore then
      run:task("explore", {
        title  = { en = "Ask {account.name} what is behind it", ko = "{account.name}에 진짜 이유를 물어보기" },
        to     = "{user}",
        due    = { business_days = settings.ask_days },
        reason = { en = "nothing is written under explore" .. about .. "; why, since when, what does it cost them",
                   ko = "탐색이 비어 있음" .. about .. "; 왜, 언제부터, 비용은 얼마인지" },
        type   = "call",
      })
    end
    local what = is_empty.explore and "explore" or "respond"
    local done = run:wait("followed up", { done = what, within = { business_days = settings.ask_days + 5 } })
    return (done.timed_out or done.cancelled) and "left_open" or "followed_up"
  end,
}
