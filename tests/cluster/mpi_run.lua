--- A run by several ranks, of which one may be lost: ms.train.run on a few numbers, with batch norm
-- and dropout, saved after every step.
--   moonstem tests/cluster/mpi_run.lua out=FOLDER [patience=20] [micro=N]
--     [dies=RANK at=STEP how=kill|stop|sleep|exit]
package.path = arg[0]:match "^(.*/)" .. "?.lua;" .. package.path
local ms = require "moonstem"
local given = require "mpi_tools".given(arg)

assert(ms.distributed.init { patience = given.patience, micro_batch = given.micro })
ms.threads(1)

local LOST = {
  kill = function(process) os.execute("kill -KILL " .. process) end,
  stop = function(process) os.execute("kill -STOP " .. process) end,
  exit = function() os.exit(0) end,
  sleep = function() ms.sys.sleep(60) end,
}

local calls = 0
local function lose()
  calls = calls + 1
  if given.dies == ms.distributed.rank() and calls == given.at then
    LOST[given.how](ms.sys.pid())
  end
end

local model = ms.net.module {
  name = "toy", order = { "linear", "norm", "dropout", "out" },
  linear = ms.nn.linear { in_features = 4, out_features = 16 },
  norm = ms.nn.batch_norm { channels = 16, slope = 0 },
  dropout = ms.nn.dropout { p = 0.2, seed = 3 },
  out = ms.nn.linear { in_features = 16, out_features = 1 },
  forward = function(self, x) return self.out(self.dropout(self.norm(self.linear(x)))) end,
}:init(7)

local function loader(shuffle)
  return ms.data.loader { items = 24, batch = 6, shuffle = shuffle,
    load = function(k)
      local x = { math.sin(k), math.cos(3 * k), math.sin(2 * k), math.cos(k) }
      return { x = ms.tensor(x), y = ms.tensor { x[1] - 2 * x[2] } }
    end }
end

local task = ms.train.loader_task { loader = loader(true), valid = loader(false),
  loss = function(m, batch)
    lose() -- rank 0 alone validates
    return ms.loss.mse(m(batch.x), batch.y)
  end }

local result, why = ms.train.run { model = model, task = task, out = given.out, quiet = true,
  save_every = 0, schedule = { keep = "last", phases = { { optimizer = "adam", lr = 1e-2,
    steps = 12 } } } }
if not result then
  io.stderr:write(why, "\n")
  os.exit(1)
end
os.exit(result.done and 0 or 75, true)
