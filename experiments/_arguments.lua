--- The words behind an experiment's name, by the forms that it takes:
--   local given = dofile(... "_arguments.lua") { "mtat=DIR", "smoke", "FOLDER" }
-- given.mtat: the folder, given.smoke: true, given.FOLDER: the word of no other form, where they
-- were given. Among the forms "--OPTION" stands for the options of all experiments, which the
-- program reads: --jobs, --slurm, --live and more. Any other word ends the program with status 2;
-- --help shows the file's first comment, and these options.
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

-- The words that are the script's own.
local function own_words(forms)
  local takes_options, asks_help = forms[#forms] == "--OPTION", false
  for _, word in ipairs(arg) do asks_help = asks_help or word == "--help" or word == "-h" end
  if asks_help then print(first_comment(arg[0])) end
  if takes_options then return require("moonstem").lab.words(arg) end -- shows them, too
  if asks_help then os.exit(0) end
  return arg
end

return function(forms)
  local given = {}
  for _, word in ipairs(own_words(forms)) do
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
