--- Moonstem: tensors, models, sound and recipes under one name.
-- `local ms = require "moonstem"`; sub-libraries load when they are first used.
local core = require "moonstem.core.tensor"

--- Libraries that load on first use, and the module each one is.
local libraries = {
  audio = "moonstem.audio",
  corpora = "moonstem.corpora",
  data = "moonstem.data",
  evaluate = "moonstem.evaluate",
  figure = "moonstem.figure",
  gradcheck = "moonstem.gradcheck",
  io = "moonstem.core.io",
  lab = "moonstem.lab",
  metrics = "moonstem.metrics",
  models = "moonstem.models",
  net = "moonstem.net",
  nn = "moonstem.core.nn",
  optim = "moonstem.core.optim",
  profile = "moonstem.profile",
  report = "moonstem.report",
  statistics = "moonstem.statistics",
  sys = "moonstem.sys",
  train = "moonstem.train",
}

local ms = {}
for name, value in pairs(core) do ms[name] = value end
ms.cat = core.ops.cat
ms.version = require("moonstem.core.sys").version

return setmetatable(ms, {
  __index = function(self, name)
    if not libraries[name] then return nil end
    local library = require(libraries[name])
    rawset(self, name, library)
    return library
  end,
  __pairs = function(self)
    for name in pairs(libraries) do local _ = self[name] end
    return next, self, nil
  end,
})
