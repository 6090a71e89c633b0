--- Keeps the floors: C includes and Lua requires only go down, doors to libraries stay where they are, basenames
-- are unique, files stay readable. Run from the project's root: lua5.4 tests/lint/floors.lua
local C_FLOORS = { base = 1, kernels = 2, tensor = 2, grad = 3, optim = 3, audio = 3, io = 3, ops = 4, nn = 5, bind = 6, app = 7 }
-- Floors of equal height do not see each other, but for these.
local BESIDE = { ["optim grad"] = true }

--- A library's header -> the files that may include it.
local DOORS = {
  ["cblas.h"] = "^core/kernels/gemm%.c$", ["fftw3.h"] = "^core/audio/fft%.c$",
  ["sndfile.h"] = "^core/audio/sound%a+%.c$", ["soxr.h"] = "^core/audio/resample%.c$",
  ["pthread.h"] = "^core/base/", ["lua.h"] = "^core/[ba][ip][np]d?/", ["lauxlib.h"] = "^core/[ba][ip][np]d?/",
  ["jansson.h"] = "^core/[ib][oi]n?d?/", ["png.h"] = "^core/io/png%.c$", ["mpg123.h"] = "^core/audio/mpeg%.c$",
  ["vorbis/vorbisfile.h"] = "^core/audio/vorbis%.c$", ["opusfile.h"] = "^core/audio/opus%.c$",
}

--- Lua modules by floor: recipes -> lab -> train, report -> models, data, metrics -> net -> the core.
local LUA_FLOORS = {
  { 0, "core" }, { 1, "net" }, { 1, "sys" }, { 1, "audio" }, { 1, "strict" }, { 1, "options" },
  { 2, "models" }, { 2, "data" }, { 2, "metrics" },
  { 2, "figure" }, { 2.5, "statistics" }, { 3, "train" }, { 3, "report" }, { 3, "evaluate" },
  { 4, "lab" }, { 5, "app" },
}

local problems = 0
local function problem(path, line, text)
  problems = problems + 1
  print(("%s:%d: %s"):format(path, line, text))
end

local function files(pattern, ...)
  local list = {}
  for _, dir in ipairs { ... } do
    for path in io.popen(("find %s -name '%s' | sort"):format(dir, pattern)):lines() do list[#list + 1] = path end
  end
  return list
end

local function floor_of(path)
  return path:match("^core/(%w+)/")
end

local function check_include(path, n, line)
  local own, to = floor_of(path), line:match('^#include "%.%./(%w+)/')
  if to and to ~= own then
    local up, down = C_FLOORS[own], C_FLOORS[to]
    if not down then problem(path, n, "unknown floor " .. to)
    elseif down > up or (down == up and not BESIDE[own .. " " .. to]) then
      problem(path, n, ("%s must not include %s: floors only look down"):format(own, to))
    end
  end
  local library = line:match("^#include <([%w/%.]+)>")
  if library and DOORS[library] and not path:match(DOORS[library]) then
    problem(path, n, library .. " has another door")
  end
end

local basenames = {}
local function check_c(path)
  local name = path:match("[^/]+$")
  local folder = path:match("^core/%w+/")
  if basenames[name] and basenames[name] ~= folder and folder ~= "core/bind/" and basenames[name] ~= "core/bind/" then
    problem(path, 1, "the basename is taken by " .. basenames[name])
  end
  basenames[name] = basenames[name] or folder
  local n = 0
  for line in io.lines(path) do
    n = n + 1
    check_include(path, n, line)
  end
  if n > 500 then problem(path, n, "more than 500 lines: two ideas in one room?") end
end

local function lua_floor(module)
  for _, f in ipairs(LUA_FLOORS) do
    if module == "moonstem." .. f[2] or module:find("^moonstem%." .. f[2] .. "%.") then return f[1], f[2] end
  end
end

-- The stand-ins are a package of their own: they use the library, which knows them by the facade's entry alone.
local function check_package(path, n, own, to)
  if to and to:find "^standins%f[%A]" and not own:find "^standins%f[%A]" then
    problem(path, n, "the library must not require standins; ms.corpora loads them")
  end
end

local function check_lua(path)
  local module = path:gsub("^lua/", ""):gsub("/init%.lua$", ""):gsub("%.lua$", ""):gsub("/", ".")
  local up, own = lua_floor(module)
  local n = 0
  for line in io.lines(path) do
    n = n + 1
    local to = line:match("require%s*%(?%s*[\"']([%w_%.]+)[\"']")
    check_package(path, n, module, to)
    local down, other = lua_floor(to or "")
    if up and down and other ~= own and (down > up or (down == up and up > 1)) then
      problem(path, n, ("%s must not require %s: floors only look down"):format(own, other))
    end
  end
  if n > 500 then problem(path, n, "more than 500 lines: two ideas in one room?") end
end

for _, path in ipairs(files("*.[ch]", "core")) do check_c(path) end
for _, path in ipairs(files("*.lua", "lua")) do check_lua(path) end
print(problems == 0 and "floors: in order" or ("floors: %d problems"):format(problems))
os.exit(problems == 0 and 0 or 1)
