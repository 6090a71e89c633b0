--- Which clips of a batch each rank computes: a pure function of their number, the ranks, and the
-- size of a micro-batch.
-- Without micro-batches each rank has an equal share. With them the batch is a row of
-- micro-batches, which are never cut, and the leaves of a binary tree: a rank has the leaves below
-- one of its nodes, so that sums in this tree are the same for 1, 2, 4, ... ranks.
local M = {}

local function power_above(n)
  local power = 1
  while power < n do power = power * 2 end
  return power
end

-- Micro-batches first to last (from 0) of so many that a rank has.
local function leaves_of(rank, size, count)
  local each = math.max(1, power_above(count) // size)
  return rank * each, math.min((rank + 1) * each, count) - 1
end

--- Whether so many ranks can share micro-batches; nil and a message.
function M.check(size, micro_batch)
  if not micro_batch or power_above(size) == size then return true end
  return nil, ("micro_batch: the same bits for any number of ranks need 1, 2, 4, 8, ... ranks, "
    .. "not %d"):format(size)
end

--- The parts of a batch of `total` clips that a rank computes: { count = of all parts, [1] = number
-- of its first (from 0), ... }. One that has none computes part 0, which then counts for nothing.
function M.parts(total, rank, size, micro_batch)
  if not micro_batch then return { count = size, rank } end
  local list = { count = -(-total // micro_batch), total = total, micro_batch = micro_batch }
  local first, last = leaves_of(rank, size, list.count)
  for part = first, last do list[#list + 1] = part end
  if #list == 0 then list[1], list.idle = 0, true end
  return list
end

-- Clips before part number `part` of a batch of n clips.
local function before(parts, part, n)
  if not parts.micro_batch then return n * part // parts.count end
  local each = n == parts.total and parts.micro_batch or -(-n // parts.count)
  return math.min(n, part * each)
end

--- first, last, count of the clips that entry i of `parts` has in a batch of n clips. A count of 0:
-- clip 1 stands in, for nothing.
function M.cut(parts, i, n)
  local first, last = before(parts, parts[i], n) + 1, before(parts, parts[i] + 1, n)
  if parts.idle or last < first then return 1, 1, 0 end
  return first, last, last - first + 1
end

--- The sum of a list in the tree; of numbers.
function M.sum(list)
  local x = table.move(list, 1, #list, 1, {})
  local side = 1
  while side < #x do
    for k = 1, #x - side, 2 * side do x[k] = x[k] + x[k + side] end
    side = 2 * side
  end
  return x[1]
end

return M
