--- What a network's layers do: shapes, parameters and multiply-adds of one call.
local core = require "moonstem.core.tensor"
local layer = require "moonstem.net.layer"
local counters = require "moonstem.core.profile"
local parts = require "moonstem.net.parts"

local M = {}

local function numbers_of(u)
  local n = 0
  for _, t in ipairs(u:tensors()) do n = n + (t.trainable and t.value:count() or 0) end
  return n
end

--- Thousands apart, for people: 3 921 061.
function M.spaced(n)
  local text = ("%d"):format(n)
  return (text:reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
end

--- Runs f with a listener on every layer, without recording, while operators are counted.
local function listening(listener, f)
  local before, own = layer.listener, counters.start()
  layer.listener = listener
  local ok, message = pcall(core.no_grad, f)
  layer.listener = before
  if own then counters.stop() end
  if not ok then error(message, 0) end
end

local function default_size(self, who)
  if not self.input then
    error(who .. ": say for which size, such as {1, 512, 256}; the module has no field `input`", 0)
  end
  return { 1, table.unpack(self.input) }
end

local function zeros(size, who)
  if type(size) ~= "table" then
    error(("%s: the size is a list such as {1, 512, 256}, got %s"):format(who, type(size)), 0)
  end
  local ok, x = pcall(core.zeros, size)
  return ok and x or error(("%s: %s"):format(who, x), 0)
end

-- What is run: a call with a tensor or with zeros of a size, or a function that calls the module.
local function run_of(self, given, who)
  if type(given) == "function" then return given end
  local x = type(given) == "userdata" and core.check_tensor(given, who .. ": the input")
    or zeros(given or default_size(self, who), who)
  return function() self(x) end
end

local function shape_of(y) return type(y) == "userdata" and y:shape() or type(y) end

--- Rows of one call in evaluation mode, and the total of multiply-adds, counted as two. A layer
-- that is called again has its parameters in its first row; solvers: the algorithms of its last
-- operator. input: a tensor, a size, or a function that calls the module. who: for messages.
function M.trace(self, input, who)
  local rows, total, counted = {}, 0, {}
  local before
  local _ <close> = core.scope()
  local f = run_of(self, input, who or "trace")
  self:evaluating(function()
    listening(function(u, y)
      if not y then
        before = counters.flops()
        return
      end
      local work = counters.flops() - before
      rows[#rows + 1] = { name = u.path, kind = u:kind(), shape = shape_of(y),
        parameters = counted[u] and 0 or numbers_of(u), flops = work, solvers = counters.solvers() }
      total, counted[u] = total + work, true
    end, f)
  end)
  return rows, total
end

function M.summary(self, input)
  local rows, total = M.trace(self, input, "summary")
  local lines = { ("%-34s %-16s %-20s %14s %12s"):format("layer", "kind", "output", "parameters",
    "MFLOP") }
  for _, r in ipairs(rows) do
    lines[#lines + 1] = ("%-34s %-16s %-20s %14s %12.2f"):format(r.name, r.kind, r.shape,
      M.spaced(r.parameters), r.flops / 1e6)
  end
  parts.walk_all(self, function(path, child, first)
    if first and layer.is_layer(child) then
      lines[#lines + 1] = ("%-34s %-16s shared with %s.%s"):format(self.path .. "." .. path,
        child:kind(), self.path, first)
    end
  end)
  local trainable, other = self:count()
  local text = "%s: %s trainable parameters, %s running statistics, %.3f GFLOP forward"
  lines[#lines + 1] = text:format(self.name, M.spaced(trainable), M.spaced(other), total / 1e9)
  return table.concat(lines, "\n")
end

return M
