-- text: numbers in words.
local text = {}

-- "93%", from two whole numbers; half a percent is rounded up.
function text.percent(part, whole)
  return ("%d%%"):format((200 * part + whole) // (2 * whole))
end

return text
