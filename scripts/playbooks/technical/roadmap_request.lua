-- For the technical account manager: a customer asks for something the product does not do. Product says yes or no, not "we will see";
-- the customer is told either way, by a person; and when it ships, again. A request without an answer goes up, and never just fades.
local text = lib "text"

return playbook {
  name     = "roadmap_request",
  summary  = "Bring a customer's wish to the product team and the answer back",
  api      = 1,
  subject  = "voice",
  outcomes = { "shipped", "promised", "declined", "withdrawn", "unanswered", "not_told" },
  settings = {
    theme       = { type = "text", default = "roadmap",
                    help = { en = "voices of this theme are wishes for the product", ko = "이 주제의 고객 의견을 제품 요청으로 봄" } },
    product     = { type = "role", default = "team:product",
                    help = { en = "who decides: a role, user:NAME, team:NAME or any:TEAM", ko = "반영 여부를 정하는 사람: 역할, user:NAME, team:NAME 또는 any:TEAM" } },
    answer_days = { type = "integer", default = 15, min = 1, max = 365,
                    help = { en = "business days product has to decide", ko = "제품팀이 결정하는 기한(영업일)" } },
    tell_days   = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days to tell the customer", ko = "고객에게 알리는 기한(영업일)" } },
    ship_months = { type = "integer", default = 6, min = 1, max = 60,
                    help = { en = "months between looking again whether a planned wish has shipped", ko = "계획된 요청이 출시되었는지 다시 확인하는 간격(개월)" } },
  },
  start_when = { where = 'theme = "{theme}" and direction = "in" and status = open' },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say, settings = text.say(run.language), run.settings
    local planned, declined, more = say("planned", "계획함"), say("declined", "거절"), say("more", "정보 필요")
    local answer

    -- The customer is told by a person, and somebody notices when that does not happen.
    local function tell(step, title)
      run:task(step, {
        title  = title,
        reason = { en = "they asked for it and wait for an answer", ko = "고객이 요청하고 답을 기다림" },
        to     = "owner",
        due    = { business_days = settings.tell_days },
        type   = "call",
      })
      local told = run:wait(step .. ", done", { done = step, within = { business_days = settings.tell_days + 5 } })
      if told.timed_out then
        run:escalate(step .. ", late", {
          to   = "owner.manager",
          text = {
            en = "{account.name} has not been told what became of their wish: {text}",
            ko = "{account.name}에 요청 결과가 전달되지 않음: {text}",
          },
        })
      end
      return not told.timed_out
    end

    for try = 1, 3 do
      answer = run:ask("decision " .. try, {
        question = { en = "{account.name} asks: {text}. Will the product do it?", ko = "{account.name}의 요청: {text}. 제품에 반영합니까?" },
        choices  = { planned, declined, more },
        of       = settings.product,
        within   = { business_days = settings.answer_days },
      })
      if answer.cancelled then return "withdrawn" end
      if answer.timed_out then
        run:escalate("no answer " .. try, {
          to   = "owner.manager",
          text = {
            en = "{account.name} waits for an answer of the product team: {text}",
            ko = "{account.name}에 제품팀의 답이 없음: {text}",
          },
        })
      elseif answer.choice == more and try < 3 then
        run:task("ask more " .. try, {
          title  = {
            en = "Ask {account.name} what they want to reach, how many are concerned and by when: {text}",
            ko = "{account.name}에 목적, 대상 인원, 시기 확인: {text}",
          },
          to     = "tam",
          due    = { business_days = settings.tell_days },
          reason = { en = "product cannot decide without it", ko = "제품팀이 결정하려면 필요함" },
          type   = "call",
        })
        local asked = run:wait("asked more " .. try, { done = "ask more " .. try, within = { business_days = settings.tell_days + 10 } })
        if asked.cancelled then return "withdrawn" end
      elseif answer.choice ~= more then
        break
      end
    end

    if answer.choice == declined then
      local told = tell("tell no", {
        en = "Tell {account.name} that the product will not do it, why, and what works instead: {text}",
        ko = "{account.name}에 반영하지 않는 이유와 대안 전달: {text}",
      })
      return told and "declined" or "not_told"
    end
    if answer.choice ~= planned then
      tell("tell nothing", {
        en = "Tell {account.name} that there is no decision yet: {text}",
        ko = "{account.name}에 아직 결정이 없음을 전달: {text}",
      })
      return "unanswered"
    end
    if not tell("tell plan", {
      en = "Tell {account.name} that it is planned; name no day that product has not named: {text}",
      ko = "{account.name}에 계획되었음을 전달, 제품팀이 정하지 않은 날짜는 말하지 말 것: {text}",
    }) then
      return "not_told"
    end

    for n = 1, 4 do
      local shipped = run:wait("shipped " .. n, { event = "voice.shipped", within = { days = 30 * settings.ship_months } })
      if not shipped.timed_out then
        local told = tell("tell shipped", {
          en = "Tell {account.name} that it is there, and show it: {text}",
          ko = "{account.name}에 출시를 알리고 시연: {text}",
        })
        return told and "shipped" or "not_told"
      end
      run:notify("still planned " .. n, {
        to   = "tam",
        text = {
          en = "{account.name} was told that this is planned; ask product where it stands: {text}",
          ko = "{account.name}에 계획되었다고 전달한 요청, 제품팀에 진행 확인: {text}",
        },
      })
    end
    return "promised"
  end,
}
