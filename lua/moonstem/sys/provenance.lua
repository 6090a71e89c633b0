--- Where a result comes from: the processor, the libraries, the program's code, and the command
-- line that made it, as Linux has them under /proc.
local core = require "moonstem.core.sys"
local core_io = require "moonstem.core.io"

local M = {}

--- ms.sys.processor() -> the processor's name as its maker writes it, or nil where the system does
-- not tell
function M.processor()
  local text = core.read_file "/proc/cpuinfo" or ""
  local name = text:match "model name%s*:%s*([^\n]*)" or text:match "Model%s*:%s*([^\n]*)"
  return name and (name:gsub("%s+", " "))
end

-- A word as a shell takes it.
local function quoted(word)
  if word:find "^[%w%-._/=:,+@%%]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- The words that this process was started with.
local function words()
  local list = {}
  for word in (core.read_file "/proc/self/cmdline" or ""):gmatch "([^\0]*)\0" do
    list[#list + 1] = word
  end
  return list
end

--- ms.sys.command_line() -> the words that this process was started with, as one line for a shell;
-- or nil where the system does not tell
function M.command_line()
  local list = words()
  for i, word in ipairs(list) do list[i] = quoted(word) end
  return #list > 0 and table.concat(list, " ") or nil
end

--- The words of such a line.
function M.words_of(line)
  local list, at = {}, 1
  while at <= #line do
    local word = {}
    while at <= #line and line:sub(at, at) ~= " " do
      local piece, after = line:match("^'([^']*)'()", at)
      if not piece then piece, after = line:match("^\\(.)()", at) end
      if not piece then piece, after = line:match("^([^ '\\]+)()", at) end
      if not piece then return list end -- a quotation without an end
      word[#word + 1], at = piece, after
    end
    list[#list + 1], at = table.concat(word), at + 1
  end
  return list
end

local function sum(bytes) return ("%08x"):format(core_io.crc32c(bytes)) end

--- A file of code, { file = its path, sum = of what it holds now }; nil where there is none.
function M.code_of(path)
  local text = core.read_file(path)
  return text and { file = core.absolute(path), sum = sum(text) } or nil
end

--- The script that this process runs, as code_of has it; nil where there is none.
function M.script()
  for i, word in ipairs(words()) do
    local found = i > 1 and word:find "%.lua$" and M.code_of(word)
    if found then return found end
  end
end

local DECISIVE = { "openblas", "fftw3", "sndfile", "soxr", "mpg123", "vorbis", "opus", "FLAC",
  "libm%." }

--- The libraries of others that numbers depend on, as they are loaded: { [name of the file] = its
-- size in bytes }. The names tell versions.
function M.libraries()
  local found = {}
  for path in (core.read_file "/proc/self/maps" or ""):gmatch "(/%S+%.so[%d.]*)\n" do
    local name = path:match "[^/]*$"
    for _, part in ipairs(DECISIVE) do
      if name:find(part) then found[name] = core.size(path) end
    end
  end
  return found
end

-- Adds the texts of all .lua files in a folder and below it.
local function add_code(texts, folder)
  for _, name in ipairs(core.list(folder) or {}) do
    local path = folder .. "/" .. name
    if core.is_dir(path) then
      add_code(texts, path)
    elseif name:find "%.lua$" then
      texts[#texts + 1] = name .. "\0" .. assert(core.read_file(path))
    end
  end
  return texts
end

local code

--- A sum of the program and of the library's Lua files: of what they hold, not of their version.
function M.code()
  if code then return code end
  local here = package.searchpath("moonstem.sys.provenance", package.path)
  local texts = here and add_code({}, here:match "^(.*)/sys/[^/]*$") or {}
  texts[#texts + 1] = core.read_file "/proc/self/exe" or ""
  code = sum(table.concat(texts))
  return code
end

return M
