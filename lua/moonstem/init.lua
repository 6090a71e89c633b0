--- Moonstem: tensors, models, sound and recipes under one name.
-- `local ms = require "moonstem"`; sub-libraries load when they are first used.
local core = require "moonstem.tensor"
local strict = require "moonstem.strict"

--- Libraries that load on first use, and the module each one is. Stand-ins are a package of their
-- own: here, and nowhere else in the library, is its name.
local libraries = {
  audio = "moonstem.audio",
  corpora = "standins",
  data = "moonstem.data",
  display = "moonstem.display",
  distributed = "moonstem.distributed",
  evaluate = "moonstem.evaluate",
  explain = "moonstem.explain",
  fft = "moonstem.fft",
  figure = "moonstem.figure",
  gradcheck = "moonstem.gradcheck",
  io = "moonstem.io",
  lab = "moonstem.lab",
  linalg = "moonstem.linalg",
  loss = "moonstem.loss",
  metrics = "moonstem.metrics",
  models = "moonstem.models",
  net = "moonstem.net",
  nn = "moonstem.nn",
  optim = "moonstem.core.optim",
  options = "moonstem.options",
  profile = "moonstem.profile",
  report = "moonstem.report",
  signal = "moonstem.signal",
  statistics = "moonstem.statistics",
  sys = "moonstem.sys",
  train = "moonstem.train",
}

--- Functions that load on first use, and the module that holds each.
local functions = { play = "moonstem.display", plot = "moonstem.lab.plot",
  show = "moonstem.display" }

--- Names that `ms` answers to without holding them yet.
local function later()
  local names = {}
  for _, list in ipairs { libraries, functions, core.ops } do
    for name in next, list do names[name] = true end
  end
  return names
end

local ms = {}
for name, value in pairs(core) do
  if not libraries[name] then ms[name] = value end
end
for name, value in pairs(require "moonstem.gradients") do ms[name] = value end
ms.version = require("moonstem.core.sys").version

-- A library, made strict as it is loaded: its functions raise on surplus arguments, and it on names
-- that it lacks. Operators answer, too: ms.relu(x) is x:relu(). They are listed as methods.
local function load(self, name)
  if libraries[name] then
    self[name] = strict.entry(require(libraries[name]), "ms." .. name)
    return self[name]
  end
  if functions[name] then
    self[name] = strict.counting(require(functions[name])[name], "ms." .. name, 0)
    return self[name]
  end
  return rawget(core.ops, name), true
end

-- Listing ms loads its libraries; operators are listed, too.
local function all(self)
  for _, list in ipairs { libraries, functions } do
    for name in pairs(list) do local _ = self[name] end
  end
  local names = {}
  for name, value in next, core.ops do names[name] = value end
  for name, value in next, self do names[name] = value end
  return next, names, nil
end

return strict.module(setmetatable(ms, { __index = load, __pairs = all }), "ms", later)
