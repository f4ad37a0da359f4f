-- negotiation: must-haves, and what was given for what.
local negotiation = {}

-- Which must-haves an offer breaks, in words; empty when it keeps all. What is not known yet breaks nothing.
--   negotiation.broken({ term_months = 12, margin = 0.25 }, { term_months = 24, margin_percent = 30 })
function negotiation.broken(offer, must)
  local broken = {}
  if offer.term_months and offer.term_months < must.term_months then
    broken[#broken + 1] = { en = offer.term_months .. " months, at least " .. must.term_months,
                            ko = offer.term_months .. "개월, 최소 " .. must.term_months .. "개월" }
  end
  if offer.margin and offer.margin * 100 < must.margin_percent then
    local percent = ("%.4g"):format(offer.margin * 100)
    broken[#broken + 1] = { en = "margin " .. percent .. "%, at least " .. must.margin_percent .. "%",
                            ko = "마진 " .. percent .. "%, 최소 " .. must.margin_percent .. "%" }
  end
  return broken
end

-- The words of several in one line of a language.
function negotiation.line(several, language)
  local words = {}
  for _, one in ipairs(several) do words[#words + 1] = one[language] end
  return table.concat(words, "; ")
end

-- What was given and got, in one currency: gives, gets, and what is left of it for us.
function negotiation.balance(concessions)
  local given, got = 0, 0
  for _, one in ipairs(concessions) do
    if one.side == "give" then given = given + (one.value or 0) else got = got + (one.value or 0) end
  end
  return given, got, got - given
end

return negotiation
