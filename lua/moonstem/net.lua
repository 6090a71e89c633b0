--- Networks: modules, chains of parts, and definitions by which checkpoints are built again.
local chain = require "moonstem.net.chain"
local define = require "moonstem.net.define"
local module = require "moonstem.net.module"
local parts = require "moonstem.net.parts"

local M = {
  module = module.new,
  define = define.define,
  chain = chain.chain,
  residual = chain.residual,
  skip = chain.skip,
  concat = chain.concat,
  op = chain.op,
  is_module = parts.is_module, -- whether a value is a module
}

--- Raises unless `value` is a module; for definitions that are given one as an option.
function M.expect(value, who, option, what)
  if not parts.is_module(value) then
    error(("%s: the option %s is needed: %s, got %s"):format(who, option, what, type(value)), 0)
  end
  return value
end

--- Raises unless `list` is a list of whole numbers, 1 or more; for definitions that are given
-- widths.
function M.expect_widths(list, who)
  local fits = type(list) == "table" and #list > 0
  for _, n in ipairs(fits and list or {}) do fits = fits and math.type(n) == "integer" and n > 0 end
  if not fits then error(who .. ": widths must be a list of whole numbers, 1 or more", 4) end
  return list
end

return M
