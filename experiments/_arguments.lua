--- The words behind an experiment's name, by the forms that it takes:
--   local given = dofile(... "_arguments.lua") { "mtat=DIR", "smoke", "FOLDER" }
-- given.mtat: the folder, given.smoke: true, given.FOLDER: the word of no other form, where they
-- were given. Any other word ends the program with status 2; --help shows the file's first comment.
local function first_comment(path)
  local lines = {}
  for line in io.lines(path) do
    local text = line:match "^%-%-%-? ?(.*)$"
    if not text then break end
    lines[#lines + 1] = text
  end
  return table.concat(lines, "\n")
end

-- The name and the value that a word gives by a form, or nil.
local function read(word, form)
  if word == form then return form, true end
  local name = form:match "^(%l+)=%u+$"
  local value = name and word:match("^" .. name .. "=(.+)$")
  if value then return name, value end
  if form:find "^%u+$" and not word:find "^%-" and not word:find "^%l+=" then return form, word end
end

local function read_any(word, forms, given)
  for _, form in ipairs(forms) do
    local name, value = read(word, form)
    if name and given[name] == nil then return name, value end
  end
end

return function(forms)
  local given = {}
  for _, word in ipairs(arg) do
    if word == "--help" or word == "-h" then
      print(first_comment(arg[0]))
      os.exit(0)
    end
    local name, value = read_any(word, forms, given)
    if not name then
      io.stderr:write(("%s: %s may be given, not %s\n"):format(arg[0],
        #forms > 0 and table.concat(forms, ", ") or "nothing", word))
      os.exit(2)
    end
    given[name] = value
  end
  return given
end
