--- Keeps the floors: C includes and Lua requires only go down and never in circles, doors to
-- libraries stay where they are, the facade is for users only, basenames are unique. Run from the
-- project's root: moonstem tests/lint/floors.lua
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local tree = require "tree"

local C_FLOORS = {
  base = 1, ["base/system"] = 1.1, ["base/share"] = 1.1,
  ["kernels/simd"] = 1.2, ["kernels/gemm"] = 1.4, ["kernels/conv/pack"] = 1.5,
  ["kernels/conv"] = 1.6, ["kernels/conv/winograd"] = 1.7, ["kernels/conv/general"] = 1.7,
  ["kernels/norms"] = 1.8, kernels = 2,
  tensor = 2, grad = 3, optim = 3, statistics = 3, metrics = 3,
  ["audio/formats"] = 2.2, ["audio/spectrum"] = 2.2, ["audio/music"] = 2.2,
  ["audio/decode"] = 2.4, audio = 3,
  io = 3, ["io/foreign"] = 3.2, jupyter = 3.4, ["io/numpy"] = 3.2,
  distributed = 3.4, ["distributed/mpi"] = 3.5, ops = 4, bind = 5, app = 6,
}
-- Floors of equal height do not see each other, but for these.
local BESIDE = { ["optim grad"] = true }

--- Folders of kernels -> their headers that others than kernels may include.
local OPEN_HEADERS = {
  ["kernels/simd"] = "affine_relu%.h$", ["kernels/conv"] = "convolution%.h$",
  ["kernels/conv/pack"] = "conv_shape%.h$", ["kernels/conv/winograd"] = "^$",
  ["kernels/conv/general"] = "general_%a+%.h$",
  ["kernels/gemm"] = "gemm[%a_]*%.h$",
}

--- A library's header -> the files that may include it.
local DOORS = {
  ["cblas.h"] = "^core/kernels/gemm/gemm_openblas%.c$",
  ["fftw3.h"] = "^core/audio/spectrum/fft[%a_]*%.c$",
  ["sndfile.h"] = "^core/audio/[%a/]*sound%a+%.c$", ["soxr.h"] = "^core/audio/resample%.c$",
  ["mpi.h"] = "^core/distributed/mpi/", ["pthread.h"] = "^core/base/",
  ["lua.h"] = "^core/[ba][ip][np]d?/",
  ["lauxlib.h"] = "^core/[ba][ip][np]d?/",
  ["jansson.h"] = "^core/[ibj][oiu][%a/]*", ["png.h"] = "^core/io/png%.c$",
  ["zlib.h"] = "^core/io/numpy/flate%.c$",
  ["mpg123.h"] = "^core/audio/decode/mpeg%.c$",
  ["vorbis/vorbisfile.h"] = "^core/audio/decode/vorbis%.c$",
  ["opusfile.h"] = "^core/audio/decode/opus%.c$",
  ["aubio/aubio.h"] = "^core/audio/music/tracking%.c$",
  ["ebur128.h"] = "^core/audio/music/loudness%.c$",
  ["rubberband/rubberband-c.h"] = "^core/audio/music/stretch%.c$",
  ["libopenmpt/libopenmpt.h"] = "^core/audio/music/tracker%.c$",
  ["libopenmpt/libopenmpt_ext.h"] = "^core/audio/music/tracker%.c$",
  ["chromaprint.h"] = "^core/audio/music/fingerprint%.c$",
}

--- Lua modules by floor: the program -> lab -> train, report -> evaluate -> models, data, metrics
-- -> net -> the core. Each module of the library stands on one of them.
local LUA_FLOORS = {
  core = 0, renamed = 0, strict = 1, naming = 1, moments = 1, options = 1, sys = 1, audio = 1, net
  = 1,
  nn = 1,
  tensor = 1, loss = 1, reduction = 1, linalg = 1, fft = 1, signal = 1,
  models = 2, data = 2, distributed = 2, io = 2.2, metrics = 2, figure = 2,
  explain = 2, gradcheck = 2, gradients = 2, profile = 2, display = 2.2, statistics = 2.5,
  evaluate = 2.7,
  train = 3, report = 3, lab = 4, app = 5,
}
local FACADE_FROM = 4 -- the lowest floor that may say require "moonstem"

local problems = 0
local function problem(path, line, text, ...)
  problems = problems + 1
  print(("%s:%d: %s"):format(path, line, text:format(...)))
end

-- ---- C ---------------------------------------------------------------------------------------
-- The floor of a file, the innermost of its folders that is one: nil for the tests' files.
local function floor_of(path)
  local folder = path:match "^core/(.*)/"
  while folder and not C_FLOORS[folder] and folder:find "/" do folder = folder:match "^(.*)/" end
  return folder
end

local function check_include(path, include)
  local own, to = floor_of(path), floor_of(include.path or "")
  local open = own and not own:find "^kernels" and OPEN_HEADERS[to]
  if open and not include.path:find(open) then
    problem(path, include.line, "%s is for kernels alone", include.path)
  end
  if to and to ~= own then
    local up, down = C_FLOORS[own], C_FLOORS[to]
    if not up or not down then
      problem(path, include.line, "the floor of %s or %s is not known", own, to)
    elseif down > up or (down == up and not BESIDE[own .. " " .. to]) then
      problem(path, include.line, "%s must not include %s: floors only look down", own, to)
    end
  end
  local door = include.header and DOORS[include.header]
  if door and not path:match(door) then
    problem(path, include.line, "%s has another door", include.header)
  end
end

local function check_basenames(files)
  local taken = {}
  for _, file in ipairs(files) do
    local name = file.path:match "[^/]+$"
    if taken[name] then problem(file.path, 1, "the basename is taken by %s", taken[name]) end
    taken[name] = file.path
  end
end

-- ---- Lua -------------------------------------------------------------------------------------
-- The floor of a module, and its name; nothing for modules of other packages and for the facade
-- itself.
local function lua_floor(module)
  local name = module:match "^moonstem%.([%w_]+)"
  return LUA_FLOORS[name], name
end

-- The stand-ins are a package of their own: they use the library, which knows them by the facade's
-- entry alone.
local function check_package(file, ask)
  local own = file.module:find "^standins%f[%A]"
  if ask.module:find "^standins%f[%A]" and not ask.through and not own then
    problem(file.path, ask.line, "the library must not require standins; ms.corpora loads them")
  end
end

local function check_ask(file, ask)
  check_package(file, ask)
  local up, own = lua_floor(file.module)
  local down, other = lua_floor(ask.module)
  if not up then return end
  if ask.module == "moonstem" and up < FACADE_FROM then
    problem(file.path, ask.line, "the facade is for users: require the modules that are used")
  elseif down and other ~= own and (down > up or (down == up and up > 1)) then
    problem(file.path, ask.line, "%s must not require %s: floors only look down", own, other)
  end
end

local function check_lua(file)
  local floor, name = lua_floor(file.module)
  if name and not floor then problem(file.path, 1, "%s is on no floor", file.module) end
  for _, ask in ipairs(file.asks) do check_ask(file, ask) end
end

-- ---- both ------------------------------------------------------------------------------------
local function check_circles(what, edges)
  for _, group in ipairs(tree.circles(edges)) do
    problem(group[1], 1, "a circle of %s: %s", what, table.concat(group, ", "))
  end
end

local c_files, lua_files = tree.c_files ".", tree.lua_files "."
for _, file in ipairs(c_files) do
  for _, include in ipairs(file.includes) do check_include(file.path, include) end
end
check_basenames(c_files)
for _, file in ipairs(lua_files) do check_lua(file) end
check_circles("C units", tree.c_edges(c_files))
check_circles("Lua modules", tree.lua_edges(lua_files))
print(problems == 0 and "floors: in order" or ("floors: %d problems"):format(problems))
os.exit(problems == 0 and 0 or 1)
