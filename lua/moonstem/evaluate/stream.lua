--- Rows of sound through a model, which the feed reads ahead.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local evaluating = require "moonstem.evaluate.mode"
local sys = require "moonstem.sys"

local M = {}

--- The entries of a list one by one.
function M.entries(list)
  local k = 0
  return function()
    k = k + 1
    return k <= #list and list[k] or nil
  end
end

local function for_each_batch(next_entry, feed_options, rows_at_once, visit)
  local feed <close> = audio.feed(feed_options)
  local groups = {}
  local function request()
    local group, rows = {}, {}
    while #rows < rows_at_once do
      local entry = next_entry()
      if not entry then break end
      group[#group + 1] = entry
      table.move(entry.rows, 1, #entry.rows, #rows + 1, rows)
    end
    if #rows == 0 then return end
    feed:push(rows)
    groups[#groups + 1] = group
  end
  for _ = 1, 3 do request() end
  while #groups > 0 do
    if sys.interrupted() then return nil, "interrupted" end
    local _ <close> = core.scope()
    local group = table.remove(groups, 1)
    local tensor, why = feed:pop()
    if not tensor then return nil, why end
    request()
    core.no_grad(visit, tensor, group)
  end
  return true
end

--- stream.for_each_batch(model, next_entry, feed_options, rows_at_once, visit) -> true
-- Calls visit(tensor, group) with the model in evaluation mode: `tensor` is what the feed gives for
-- the rows of the entries in the list `group`, which next_entry() gave in this order; they are as
-- many as bring the rows to rows_at_once or just above. Each visit has a scope of its own and
-- records nothing. nil and a message: the file that cannot be read, or "interrupted" after Ctrl-C.
function M.for_each_batch(model, ...)
  return evaluating(model, for_each_batch, ...)
end

return M
