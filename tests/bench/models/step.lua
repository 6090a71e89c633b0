--- Times training steps of one model of rows.lua: forward, loss, backward, Adam.
--   moonstem tests/bench/models/step.lua NAME SECONDS THREADS wall|processor
-- Taggers learn random tags, separators random numbers. One JSON line: parameters, median_s, steps.
local ms = require "moonstem"
local HERE = arg[0]:match "^(.*)/" or "."
local numbers = dofile(HERE .. "/../numbers.lua")

local LEAST, WARM_UP = 2, 1
local NAME, SECONDS, THREADS = arg[1], tonumber(arg[2]), math.tointeger(tonumber(arg[3]))
local now = arg[4] == "processor" and os.clock or ms.sys.clock

local function row_of(name)
  for _, row in ipairs(dofile(HERE .. "/rows.lua")) do
    if row.name == name then return row end
  end
  error("there is no model " .. tostring(name), 0)
end

-- What the model is to say, and the loss that tells how far it is from that.
local function task_of(model, x)
  local _ <close> = ms.scope()
  local y = ms.no_grad(model, x)
  if #y:size() > 2 then return ms.keep(ms.uniform(y:size())), ms.loss.l1 end
  return ms.keep(ms.uniform(y:size()):lt(0.1)), ms.loss.bce_with_logits
end

local row = row_of(NAME)
ms.threads(THREADS)
ms.seed(1)
local model = row.make()
-- Waves in -1..1, or magnitudes.
local x = ms.uniform { row.batch, table.unpack(row.step_size) }
local target, loss = task_of(model, x)
local optimizer = ms.optim.adam(model:parameters(), { lr = 1e-4 })

local function step()
  local _ <close> = ms.scope()
  optimizer:zero()
  loss(model(x), target):backward()
  optimizer:step()
end

local function times(seconds)
  local list, stop = {}, now() + seconds
  while #list < LEAST or now() < stop do
    local began = now()
    step()
    list[#list + 1] = now() - began
  end
  return list
end

for _ = 1, WARM_UP do step() end
local list = times(SECONDS)
print(ms.io.json_encode { parameters = model:count(), median_s = numbers.median(list),
  steps = #list })
