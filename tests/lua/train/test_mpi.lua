--- Data parallel: shares of batches; micro-batches in one process; and, where an MPI library is
-- installed, two ranks against one, the same bits for 1, 2 and 4 ranks, and ranks that are lost.
-- The long form is tests/cluster/mpi.lua.
local lu = require "luaunit"
local places = require "places"
package.path = places.ROOT .. "tests/cluster/?.lua;" .. package.path
local ms = require "moonstem"
local mpi = require "mpi_tools"
local own_folder = require "own_folder"
local shares = require "moonstem.distributed.shares"

local T = {}

local folder
own_folder(T, function(dir) folder = dir end)

-- ---- which clips --------------------------------------------------------------------------------
-- "1-3 4-6": the clips of each part of a rank.
local function clips(total, rank, size, micro_batch)
  local parts, words = shares.parts(total, rank, size, micro_batch), {}
  for i = 1, #parts do
    local first, last, count = shares.cut(parts, i, total)
    words[i] = count == 0 and "-" or ("%d-%d"):format(first, last)
  end
  return table.concat(words, " ")
end

function T.test_ranks_have_equal_shares()
  lu.assertEquals({ clips(8, 0, 2), clips(8, 1, 2) }, { "1-4", "5-8" })
  lu.assertEquals({ clips(5, 0, 3), clips(5, 1, 3), clips(5, 2, 3) }, { "1-1", "2-3", "4-5" })
  lu.assertEquals({ clips(2, 0, 4), clips(2, 1, 4), clips(2, 3, 4) }, { "-", "1-1", "2-2" })
end

function T.test_micro_batches_are_leaves_of_one_tree()
  lu.assertEquals(clips(11, 0, 1, 2), "1-2 3-4 5-6 7-8 9-10 11-11")
  lu.assertEquals({ clips(11, 0, 2, 2), clips(11, 1, 2, 2) }, { "1-2 3-4 5-6 7-8", "9-10 11-11" })
  lu.assertEquals({ clips(11, 2, 4, 2), clips(11, 3, 4, 2) }, { "9-10 11-11", "-" })
  lu.assertEquals(shares.sum { 1, 2, 3, 4, 5, 6 }, 21)
  lu.assertErrorMsgContains("1, 2, 4, 8, ... ranks, not 3", function()
    assert(shares.check(3, 2))
  end)
end

-- ---- micro-batches in one process ---------------
local function toy()
  return ms.net.module {
    name = "toy", order = { "linear", "norm", "dropout", "out" },
    linear = ms.nn.linear { in_features = 2, out_features = 8 },
    norm = ms.nn.batch_norm { channels = 8, slope = 0 },
    dropout = ms.nn.dropout { p = 0.2, seed = 3 },
    out = ms.nn.linear { in_features = 8, out_features = 1 },
    forward = function(self, x) return self.out(self.dropout(self.norm(self.linear(x)))) end,
  }:init(7):train()
end

-- Gradients and running statistics of a batch of 10 clips, by name.
local function computed(micro_batch)
  local model, all = toy(), {}
  ms.seed(3)
  local x, y = ms.randn { 10, 2 }, ms.randn { 10, 1 }
  local function loss_of(first, last)
    return ms.loss.mse(model(x:slice(1, first, last)), y:slice(1, first, last))
  end
  local loss
  if micro_batch then
    loss = ms.distributed.data_parallel(model, { micro_batch = micro_batch }):backward(10, loss_of)
  else
    local whole = loss_of(1, 10)
    whole:backward()
    loss = whole:item()
  end
  for _, t in ipairs(model:tensors()) do all[t.name] = (t.value.grad or t.value):totable() end
  return all, loss
end

function T.test_micro_batches_are_the_whole_batch()
  local whole, loss = computed(nil)
  for _, micro_batch in ipairs { 1, 2, 3, 4, 10 } do
    local parts, sum = computed(micro_batch)
    lu.assertAlmostEquals(sum, loss, 1e-6)
    for name, value in pairs(whole) do
      lu.assertAlmostEquals(parts[name], value, 2e-6, name)
    end
  end
end

function T.test_what_fails_in_a_micro_batch_is_raised()
  local dp = ms.distributed.data_parallel(toy(), { micro_batch = 1 })
  lu.assertErrorMsgContains("no such clip", function()
    dp:backward(3, function(first)
      if first == 2 then error("no such clip", 0) end
      return toy()(ms.zeros { 1, 2 }):sum()
    end)
  end)
end

function T.test_without_mpi_a_sentence_names_the_package()
  local ok, why = ms.distributed.init()
  lu.assertNil(ok)
  lu.assertStrContains(why, "Debian package openmpi-bin or mpich")
  lu.assertEquals({ ms.distributed.is_initialized(), ms.distributed.rank(), ms.distributed.size() },
    { false, 0, 1 })
  local x = ms.ones { 2 }
  lu.assertTrue(ms.distributed.barrier())
  lu.assertEquals(ms.distributed.all_reduce(x):totable(), { 1, 1 })
  lu.assertEquals(ms.distributed.broadcast(x, 0):totable(), { 1, 1 })
  lu.assertEquals(ms.distributed.by_first(function() return 5 end), 5)
  lu.assertEquals(ms.distributed.in_turn(function() return 6 end), 6)
  ms.distributed.finalize()
end

-- ---- several ranks ------------------------------------------------------------------------------
local function each_library(f)
  local list = mpi.libraries()
  if #list == 0 then
    lu.skip "no MPI library at the build: libopenmpi-dev openmpi-bin, or libmpich-dev mpich"
  end
  for _, launcher in ipairs(list) do f(launcher) end
end

local function given(more)
  return ms.options.merge({ network = "cnn", size = "small", batch = 4, steps = 2,
    out = folder .. "/weights" }, more or {})
end

-- After one step, in which a fault would show whole: from the second on a rounding may make another
-- clip's number the largest of a window.
function T.test_two_ranks_train_as_one()
  local one, two = folder .. "/one", folder .. "/two"
  mpi.trained(nil, 1, given { ranks = "no", out = one, steps = 1 })
  each_library(function(launcher)
    mpi.trained(launcher, 2, given { out = two, steps = 1 })
    local far = mpi.apart(two, one)
    lu.assertTrue(far.weights < 1e-6, far.weights)
    lu.assertTrue(far.statistics < 1e-6, far.statistics)
  end)
end

function T.test_micro_batches_give_the_same_bits_for_any_number_of_ranks()
  local one = mpi.trained(nil, 1, given { ranks = "one", micro = 1 })
  each_library(function(launcher)
    for _, ranks in ipairs { 2, 4 } do
      lu.assertTrue(mpi.same(mpi.trained(launcher, ranks, given { micro = 1 }), one))
    end
  end)
end

function T.test_a_stopped_rank_is_named()
  each_library(function(launcher)
    local status, text = mpi.run(launcher, 2, given { stops = 1, at = 2, patience = 2 }, 60)
    lu.assertTrue(status ~= 0 and status ~= 124 and status ~= 137, status)
    lu.assertStrContains(text, "rank 1 (process ")
    lu.assertStrContains(text, "is missing")
  end)
end

function T.test_a_run_goes_on_after_a_rank_was_lost()
  local script = places.ROOT .. "tests/cluster/mpi_run.lua"
  each_library(function(launcher)
    local function run(name, ...)
      local out = ("%s/%s-%s"):format(folder, launcher.name, name)
      return out, mpi.run_script(launcher, 2, script, { "out=" .. out, "patience=5", ... }, 60)
    end
    local whole, status, text = run "whole"
    lu.assertEquals(status, 0, text)
    lu.assertNotEquals(select(2, run("lost", "dies=1", "at=7", "how=exit")), 0)
    local lost
    lost, status, text = run "lost"
    lu.assertEquals(status, 0, text)
    lu.assertStrContains(ms.sys.read_file(lost .. "/log.txt"), "goes on after step 6")
    lu.assertTrue(mpi.same(ms.io.load_safetensors(lost .. "/best.safetensors"),
      ms.io.load_safetensors(whole .. "/best.safetensors")))
  end)
end

-- A launcher may call it a failure that a rank ends without MPI_Finalize: Open MPI's gives 1,
-- MPICH's kills the rank that ends last and gives 9. srun does not.
function T.test_an_mpi_that_never_ends_is_left_behind()
  local script = places.ROOT .. "tests/cluster/mpi_run.lua"
  local stuck = mpi.PROGRAM:match "^(.*)/" .. "/libstuck-finalize.so"
  if not ms.sys.exists(stuck) then lu.skip(stuck .. " is missing: target c-tests") end
  each_library(function(launcher)
    local out = ("%s/%s-stuck"):format(folder, launcher.name)
    local status, text = mpi.run_script(launcher, 2, script, { "out=" .. out, "patience=2" }, 60,
      { env = "LD_PRELOAD=" .. stuck })
    lu.assertTrue(status == 0 or status == 1 or status == 9, text)
    lu.assertStrContains(text, "has not let this process go for 2 s")
    lu.assertTrue(ms.sys.exists(out .. "/best.safetensors"))
  end)
end

return T
