--- Option tables: an unknown key raises with the nearest known name.
local words = require "moonstem.core.words"

--- A copy of `options` (nil counts as empty) with the defaults filled in.
-- who: the function's name for messages; defaults: name -> default, or false for "none".
return function(options, who, defaults)
  if options ~= nil and type(options) ~= "table" then
    error(("%s: options must be a table, got %s"):format(who, type(options)), 0)
  end
  local out, known = {}, {}
  for name, value in pairs(defaults) do
    known[#known + 1] = name
    if value ~= false then out[name] = value end
  end
  for name, value in pairs(options or {}) do
    if defaults[name] == nil then
      error(("%s: unknown option %s, did you mean %s?")
        :format(who, tostring(name), words.nearest(tostring(name), known)), 0)
    end
    out[name] = value
  end
  return out
end
