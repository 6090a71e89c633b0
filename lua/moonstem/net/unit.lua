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

local function is_norm(part)
  return getmetatable(part) == Unit and part.layer:kind() == "batch_norm"
end

--- conv:after(norm, x) -> conv(norm(x)), as one operator where there is one for the two and nobody listens.
function Unit:after(norm, x)
  if M.listener or self.layer:kind() ~= "conv2d" or not is_norm(norm) then return self(norm(x)) end
  local ok, y = pcall(self.layer.after, self.layer, norm.layer, x)
  if not ok then M.raise(tostring(y):find("^batch_norm:") and norm.path or self.path, y) end
  return y
end

--- norm:max_pool2d(x, ph, pw) -> norm(x):max_pool2d(ph, pw), likewise.
function Unit:max_pool2d(x, ph, pw)
  if M.listener or not is_norm(self) then return self(x):max_pool2d(ph, pw) end
  return finish(self, pcall(self.layer.max_pool2d, self.layer, x, ph, pw))
end

function Unit:train() self.layer:train() end
function Unit:eval() self.layer:eval() end

strict.class(Unit, "layer", { "frozen", "under", "field", "index" })

return M
