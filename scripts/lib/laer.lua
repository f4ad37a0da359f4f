-- laer: notes of a talk with a customer in four parts: listen, acknowledge, explore, respond.
local laer = { parts = { "listen", "acknowledge", "explore", "respond" } }

local words = {
  en = { listen = "Listen", acknowledge = "Acknowledge", explore = "Explore", respond = "Respond" },
  ko = { listen = "경청", acknowledge = "공감", explore = "탐색", respond = "응답" },
}

-- The empty form: a line for each part.
function laer.template(language)
  local lines = {}
  for _, part in ipairs(laer.parts) do lines[#lines + 1] = (words[language] or words.en)[part] .. ": " end
  return table.concat(lines, "\n")
end

local function part_of(line)
  for _, language in ipairs { "en", "ko" } do
    for _, part in ipairs(laer.parts) do
      local word = words[language][part]
      if line:sub(1, #word + 1):lower() == word:lower() .. ":" then return part, line:sub(#word + 2) end
    end
  end
end

-- What stands in each part, as a table; nil when it is no such note.
function laer.read(note)
  local parts, now = nil, nil
  for line in ((note or "") .. "\n"):gmatch("([^\n]*)\n") do
    local part, rest = part_of(line)
    if part then
      parts, now = parts or {}, part
      line = rest
    end
    local said = line:match("^%s*(.-)%s*$")
    if now and said ~= "" then parts[now] = parts[now] and parts[now] .. "\n" .. said or said end
  end
  return parts
end

-- The parts in which nothing is written, in their order; nil when it is no such note.
function laer.empty(note)
  local parts, missing = laer.read(note), {}
  if not parts then return nil end
  for _, part in ipairs(laer.parts) do
    if not parts[part] then missing[#missing + 1] = part end
  end
  return missing
end

return laer
