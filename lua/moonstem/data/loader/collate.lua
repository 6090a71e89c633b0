--- Samples as a batch: tensors of one shape are stacked, numbers become a tensor, tables are put
-- together field by field, anything else becomes a list.
local core = require "moonstem.core.tensor"
local is_tensor = require("moonstem.data.loader.message").is_tensor

local function shape(x) return "{" .. table.concat(x:size(), ", ") .. "}" end

local function kind_of(value)
  return is_tensor(value) and "tensor" or type(value)
end

-- Raises unless all samples are of one kind; the kind.
local function one_kind(samples, path)
  local kind = kind_of(samples[1])
  for k = 2, #samples do
    local other = kind_of(samples[k])
    if other ~= kind then
      error(("loader: %s is a %s in the first sample of a batch and a %s in sample %d; collate "
        .. "says how such samples become a batch"):format(path, kind, other, k), 0)
    end
  end
  return kind
end

local function stack(samples, path)
  local size, rows = samples[1]:size(), {}
  local row = { 1, table.unpack(size) }
  for k, x in ipairs(samples) do
    if shape(x) ~= shape(samples[1]) then
      error(("loader: %s is %s in the first sample of a batch and %s in sample %d; cut them to one "
        .. "size, or give a collate"):format(path, shape(samples[1]), shape(x), k), 0)
    end
    rows[k] = x:reshape(row)
  end
  return core.ops.cat(rows, 1)
end

local collate

local function by_field(samples, path)
  local batch = {}
  for k, sample in ipairs(samples) do
    for name in pairs(sample) do
      if samples[1][name] == nil then
        error(("loader: sample %d of a batch has %s.%s and the first has not")
          :format(k, path, tostring(name)), 0)
      end
    end
  end
  for name in pairs(samples[1]) do
    local values = {}
    for k, sample in ipairs(samples) do values[k] = sample[name] end
    batch[name] = collate(values, ("%s.%s"):format(path, tostring(name)), #samples)
  end
  return batch
end

-- count: how many values there should be.
function collate(samples, path, count)
  for k = 1, count do
    if samples[k] == nil then
      error(("loader: sample %d of a batch lacks %s"):format(k, path), 0)
    end
  end
  local kind = one_kind(samples, path)
  if kind == "tensor" then return stack(samples, path) end
  if kind == "number" then return core.tensor_from(samples, { #samples }) end
  if kind == "table" then return by_field(samples, path) end
  return samples
end

--- collate(list of samples) -> batch
return function(samples) return collate(samples, "sample", #samples) end
