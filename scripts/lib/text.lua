-- text: numbers in words.
local text = {}

-- "93%", from two whole numbers; half a percent is rounded up.
function text.percent(part, whole)
  return ("%d%%"):format((200 * part + whole) // (2 * whole))
end

-- A function that takes one of two wordings, English and Korean: local say = text.say(run.language).
function text.say(language)
  return function(english, korean)
    if language == "ko" then return korean end
    return english
  end
end

return text
