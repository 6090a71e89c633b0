--- One layer of the core inside a network, with the name that its errors carry.
local strict = require "moonstem.strict"

local M = {}

local Unit = {}
Unit.__index = Unit
M.Unit = Unit

M.listener = nil -- hears of every unit as it begins, (unit), and of its results, (unit, y); or nil: nobody does

local units = setmetatable({}, { __mode = "k" }) -- layer -> its unit: one layer is one unit, under however many names

--- The unit of a layer of ms.nn.
function M.of(layer)
  units[layer] = units[layer] or setmetatable({ layer = layer, path = layer:kind() }, Unit)
  return units[layer]
end

--- Whether a value is a layer of ms.nn.
function M.is_layer(value)
  local meta = type(value) == "userdata" and debug.getmetatable(value)
  return meta and meta.__name == "moonstem.layer" or false
end

--- Raises what a forward function raised, with the path in front. What comes from below carries a
-- longer path already; places inside this library help nobody who reads a path.
function M.raise(path, thrown)
  if type(thrown) ~= "string" then error(thrown, 0) end
  local text = thrown:gsub("^[^\n:]*lua/moonstem/[%w_/]+%.lua:%d+: ", "")
  local below = text:sub(1, #path) == path and text:find("^[.:]", #path + 1)
  error(below and text or path .. ": " .. text, 0)
end

local function finish(self, ok, ...)
  if not ok then M.raise(self.path, (...)) end
  if M.listener then M.listener(self, ...) end
  return ...
end

function Unit:__call(...)
  if M.listener then M.listener(self) end
  return finish(self, pcall(self.layer, ...))
end

--- What training changes in it.
function Unit:parameters() return self.frozen and {} or self.layer:parameters() end

function Unit:freeze()
  self.frozen = true
  for _, p in ipairs(self.layer:parameters()) do p.value:needs_grad(false) end
end

--- conv(norm(x)) of a convolution and a batch norm, as one operator.
function M.after(conv, norm, x)
  local ok, y = pcall(conv.layer.after, conv.layer, norm.layer, x)
  if not ok then M.raise(tostring(y):find("^batch_norm:") and norm.path or conv.path, y) end
  return y
end

--- norm(x):max_pool2d(ph, pw) of a batch norm, likewise.
function M.max_pool2d(norm, x, ph, pw)
  local ok, y = pcall(norm.layer.max_pool2d, norm.layer, x, ph, pw)
  if not ok then M.raise(norm.path, y) end
  return y
end

function Unit:train() self.layer:train() end
function Unit:eval() self.layer:eval() end

strict.class(Unit, "layer", { "frozen", "under", "field", "index" })

return M
