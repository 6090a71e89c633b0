--- ms.data.loader: the same order and bits for any number of workers, errors that name the item, no
-- process that outlives its loop.
local lu = require "luaunit"
local ms = require "moonstem"
local message = require "moonstem.data.loader.message"
local tools = require "data_tools"

local T = {}

local _, root = tools.folders(T)
local PROGRAM = ms.sys.absolute "/proc/self/exe"

local before = {} -- children that other tests have left

-- The process numbers of the children that this test has.
local function children()
  local pid, list = ms.sys.pid(), {}
  for number in ms.sys.read_file(("/proc/%d/task/%d/children"):format(pid, pid)):gmatch "%d+" do
    if not before[number] then list[#list + 1] = number end
  end
  return list
end

local make_folder = T.setup
function T.setup()
  make_folder()
  before = {}
  local others = children()
  for _, number in ipairs(others) do before[number] = true end
end

local function loader(options)
  options.items = options.items or 10
  options.load = options.load or function(i) return i end
  return ms.data.loader(options)
end

-- All that some epochs give, as one text.
local function text_of(given, last)
  local parts, one = {}, loader(given)
  for epoch = 1, last or 1 do
    for batch, number in one:epoch(epoch) do
      local text, tensors = message.encode(batch)
      parts[#parts + 1] = ("%d %d %d"):format(number, #text, #tensors)
      for _, x in ipairs(tensors) do parts[#parts + 1] = x:bytes() end
    end
  end
  return table.concat(parts, "\n")
end

-- ---- order and bits ----------------------------------------------------------------------------
local function noisy(i, draw)
  local x = ms.randn(40, 50):matmul(ms.uniform { 50, 3 }):exp() * draw:normal()
  return { x = x, class = i, name = "item " .. i, more = { draw:seed(), draw:integer(3, 5) } }
end

function T.test_same_bits_for_any_number_of_workers()
  ms.randn(300, 300):matmul(ms.randn(300, 300)) -- our threads run, and a copy has none of them
  for _, ways in ipairs { {}, { shuffle = true }, { weights = function(i) return i end },
    { balanced = function(i) return i % 3 end, samples = 17 }, { drop_last = true, seed = 9 } } do
    local expected
    for workers = 0, 3 do
      local given = { batch = 4, workers = workers, load = noisy }
      for name, value in pairs(ways) do given[name] = value end
      local text = text_of(given, 2)
      expected = expected or text
      lu.assertTrue(text == expected, ("%d workers"):format(workers))
    end
  end
end

function T.test_the_seed_of_tensors_is_where_it_was()
  ms.seed(5)
  ms.randn(2)
  text_of { load = noisy }
  local x = ms.randn(3)
  ms.seed(5)
  ms.randn(2)
  lu.assertEquals(ms.randn(3):bytes(), x:bytes())
end

function T.test_order()
  local function items(given, epoch)
    local list = {}
    for batch in loader(given):epoch(epoch or 1) do
      for _, i in ipairs(batch:totable()) do list[#list + 1] = i end
    end
    return list
  end
  lu.assertEquals(items { items = 5, batch = 2 }, { 1, 2, 3, 4, 5 })
  lu.assertEquals(items { items = 5, batch = 2, drop_last = true }, { 1, 2, 3, 4 })
  local a, b = items({ shuffle = true, batch = 3 }, 1), items({ shuffle = true, batch = 3 }, 2)
  lu.assertNotEquals(a, b)
  lu.assertEquals(items({ shuffle = true, workers = 2 }, 1), a)
  table.sort(a)
  lu.assertEquals(a, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
  lu.assertEquals(#loader { items = 5, batch = 2 }, 3)
  lu.assertEquals(#loader { items = 5, batch = 2, drop_last = true }, 2)
  lu.assertEquals(items { items = { 7, 8 } }, { 7, 8 })
end

function T.test_items_of_a_batch_are_named()
  local one = loader { batch = 2, shuffle = true, items = { { id = "a" }, { path = "b.wav" }, {} } }
  local names = one:names(2, 1)
  table.move(one:names(2, 2), 1, 1, 3, names)
  lu.assertItemsEquals(names, { "1 (a)", "2 (b.wav)", "3" })
  lu.assertEquals(one:names(2, 1), one:names(2, 1))
end

function T.test_weights_and_classes()
  local counts = { 0, 0, 0 }
  for batch in loader { items = 3, weights = { 1, 0, 3 }, samples = 4000, batch = 100 }:epoch(1) do
    for _, i in ipairs(batch:totable()) do counts[i] = counts[i] + 1 end
  end
  lu.assertEquals(counts[2], 0)
  lu.assertAlmostEquals(counts[3] / 4000, 0.75, 0.03) -- more than four deviations
  counts = {}
  local items = { { c = "a" }, { c = "a" }, { c = "a" }, { c = "a" }, { c = "b" }, { c = "b" } }
  for k, item in ipairs(items) do item.k = k end
  local one = loader { items = items, balanced = "c", samples = 16, batch = 4,
    load = function(item) return { k = item.k, c = item.c } end }
  for batch in one:epoch(1) do
    local word = table.concat(batch.c)
    lu.assertEquals(select(2, word:gsub("a", "")), 2)
    for _, k in ipairs(batch.k:totable()) do counts[k] = (counts[k] or 0) + 1 end
  end
  lu.assertEquals(counts, { 2, 2, 2, 2, 4, 4 })
end

-- ---- draws -------------------------------------------------------------------------------------
function T.test_draws()
  local all = {}
  for _ = 1, 2 do
    local one = loader { items = { "x", "y" }, weights = { 1, 0 }, samples = 500,
      load = function(_, draw)
        local integer = draw:integer(-1, 1)
        return { draw:uniform(), draw:normal(10, 2), integer, draw:integer(4), draw:uniform(5, 6) }
      end }
    for batch in one:epoch(3) do
      local row = {}
      for k, x in ipairs(batch) do row[k] = x:get(1) end
      all[#all + 1] = row
    end
  end
  lu.assertEquals(all[1], all[501]) -- again the same
  lu.assertNotEquals(all[1], all[2]) -- an item that comes again is drawn for anew
  local sums, seen = { 0, 0, 0 }, {}
  for k = 1, 500 do
    local u, n, i, j, v = table.unpack(all[k])
    lu.assertTrue(u >= 0 and u < 1 and v >= 5 and v < 6)
    sums[1], sums[2], sums[3] = sums[1] + u / 500, sums[2] + n / 500, sums[3] + (n - 10) ^ 2 / 500
    seen[i], seen["j" .. math.tointeger(j)] = true, true
  end
  lu.assertAlmostEquals(sums[1], 0.5, 0.06)
  lu.assertAlmostEquals(sums[2], 10, 0.4)
  lu.assertAlmostEquals(sums[3], 4, 1.1)
  for _, value in ipairs { -1, 0, 1, "j1", "j2", "j3", "j4" } do lu.assertTrue(seen[value]) end
end

-- ---- what a batch is ---------------------------------------------------------------------------
function T.test_samples_become_a_batch()
  for workers = 0, 1 do
    local one = loader { items = 3, batch = 3, workers = workers, load = function(i)
      return { x = ms.ones { 2, 4 } * i, n = i / 2, s = "s" .. i, ok = i > 1,
        t = { y = ms.zeros {} } }
    end }
    for batch in one:epoch(1) do
      lu.assertEquals(batch.x:size(), { 3, 2, 4 })
      lu.assertEquals(batch.x:get(3, 2, 4), 3)
      lu.assertEquals(batch.n:totable(), { 0.5, 1, 1.5 })
      lu.assertEquals(batch.s, { "s1", "s2", "s3" })
      lu.assertEquals(batch.ok, { false, true, true })
      lu.assertEquals(batch.t.y:size(), { 3 })
    end
    one = loader { items = 3, batch = 2, workers = workers,
      load = function(i) return ms.ones { i } end,
      collate = function(list) return { longest = #list, first = list[1] } end }
    local sizes = {}
    for batch in one:epoch(1) do
      sizes[#sizes + 1] = { batch.longest, batch.first:size()[1] }
    end
    lu.assertEquals(sizes, { { 2, 1 }, { 1, 3 } })
  end
end

function T.test_messages_come_back_as_they_were()
  local batch = { 1, 2.5, "a\0b", true, false, { x = { [3] = 0 / 0, y = -0.0 } }, 1 << 60,
    [2.5] = "" }
  local again = message.decode(message.encode(batch))
  lu.assertEquals(again[6].x.y, 0)
  lu.assertEquals(1 / again[6].x.y, -math.huge)
  lu.assertTrue(again[6].x[3] ~= again[6].x[3])
  again[6], batch[6] = nil, nil
  lu.assertEquals(again, batch)
  lu.assertEquals(math.type(again[7]), "integer")
  local loop = {}
  loop.inner = loop
  lu.assertErrorMsgContains("too deeply", message.encode, loop)
end

-- ---- errors ------------------------------------------------------------------------------------
local function error_of(given)
  local good, why = pcall(function() for _ in loader(given):epoch(1) do end end) -- luacheck: ignore
  lu.assertFalse(good)
  lu.assertEquals(children(), {})
  return why
end

local function failing(f)
  return function(i)
    if i ~= 7 then return { x = ms.zeros { 2 }, n = i } end
    return f()
  end
end

function T.test_errors_name_the_item()
  for workers = 0, 2, 2 do
    local function says(sentence, f, batch)
      local why = error_of { workers = workers, load = failing(f), batch = batch }
      lu.assertStrContains(why, sentence)
    end
    says("loader: item 7: cannot read b.wav", function() return nil, "cannot read b.wav" end)
    says("loader: item 7: load returned nothing", function() end)
    says("test_loader.lua", function() error "torn" end)
    says("loader: the batch.x[1] is a function; a batch holds", function() return { x = print } end)
    says("loader: sample.x is {2} in the first sample of a batch and {3} in sample 2",
      function() return { x = ms.zeros { 3 }, n = 1 } end, 5)
    says("loader: sample.n is a number in the first sample of a batch and a string in sample 2",
      function() return { x = ms.zeros { 2 }, n = "1" } end, 5)
    says("loader: sample 2 of a batch lacks sample.n",
      function() return { x = ms.zeros { 2 } } end, 5)
    says("loader: sample 2 of a batch has sample.o and the first has not",
      function() return { x = ms.zeros { 2 }, n = 1, o = 1 } end, 5)
  end
  local why = error_of { items = { { path = "a.wav" } }, load = function() error("torn", 0) end }
  lu.assertEquals(why, "loader: item 1 (a.wav): torn")
  lu.assertStrContains(error_of { workers = 1, load = failing(function() os.exit(0) end) },
    "loader: item 7: os.exit was called in a worker of a loader")
  lu.assertStrContains(error_of { workers = 2, load = failing(function()
    ms.sys.run { "sh", "-c", "kill -9 $PPID" }
  end) }, "loader: worker 1 ended with status 137 at batch 7 of epoch 1 (killed")
end

function T.test_wrong_calls()
  local function says(sentence, given)
    lu.assertErrorMsgContains(sentence, ms.data.loader, given)
  end
  says("loader: the option items is needed", { load = print })
  says("there is no option worker; did you mean workers?", { worker = 1 })
  says("loader: items: there are no items", { items = {}, load = print })
  says("option load must be a function, got 1", { items = 1, load = 1 })
  says("workers must be 0 to 256, got -1", { items = 1, load = print, workers = -1 })
  says("weights: 1 values are given for 2 items", { items = 2, load = print, weights = { 1 } })
  says("weights: item 2 has none", { items = { { w = 1 }, {} }, load = print, weights = "w" })
  says("weights are numbers, 0 or more, got -1", { items = 1, load = print, weights = { -1 } })
  says("all weights are 0", { items = 1, load = print, weights = { 0 } })
  says("three ways to draw", { items = 1, load = print, weights = { 1 }, shuffle = true })
  says("samples goes with weights", { items = 1, load = print, samples = 5 })
  local one = loader {}
  lu.assertErrorMsgContains("epochs are numbers from 1, got 0", one.epoch, one, 0)
  lu.assertErrorMsgContains("batches are numbered 1 to 10, got 11", one.batch, one, 1, 11)
  lu.assertErrorMsgContains("for batch in loader:epoch(1) do ... end", ipairs(one), one, 0)
  lu.assertErrorMsgContains("did you mean loader:epoch?", function() return one.epochs end)
end

-- ---- processes ---------------------------------------------------------------------------------
function T.test_a_loop_that_ends_early_leaves_no_process()
  for batch in loader { workers = 3 }:epoch(1) do
    lu.assertEquals(#children(), 3)
    if batch then break end
  end
  lu.assertEquals(children(), {})
  pcall(function()
    for batch in loader { workers = 3 }:epoch(1) do error(batch) end
  end)
  lu.assertEquals(children(), {})
  local one <close> = loader { workers = 2 }
  one:batch(1, 1)
  lu.assertEquals(#children(), 2)
  one:close()
  lu.assertEquals(children(), {})
  loader({ workers = 2 }):batch(1, 1)
  collectgarbage()
  collectgarbage()
  lu.assertEquals(children(), {})
end

function T.test_workers_start_while_threads_decode()
  local clip = root() .. "/a.flac"
  tools.write(clip, tools.noise(6), nil, 44100)
  local rows = { { { path = clip, start = 1000, weight = 1 } } }
  local feed <close> = ms.audio.feed { samples = 32000, transform = "magnitude", workers = 2 }
  for _ = 1, 4 do feed:push(rows) end
  local count = 0
  for epoch = 1, 12 do
    local one = loader { items = 4, workers = 2, load = function()
      return { ms.audio.read(clip, { rate = 16000 }), ms.uniform { 1, 20000 }:magnitude() }
    end }
    for _ in one:epoch(epoch) do
      local _ <close> = ms.scope()
      assert(feed:pop())
      feed:push(rows)
      count = count + 1
    end
  end
  lu.assertEquals(count, 48)
end

local SCRIPT = [[
local ms = require "moonstem"
local one = ms.data.loader { items = 1000, workers = 2,
  load = function(i) ms.sys.sleep(0.05) return { pid = tostring(ms.sys.pid()), i = i } end }
for batch, k in one:epoch(1) do
  print(batch.pid[1])
  io.stdout:flush()
end
]]

local function alive(pid)
  local state = (ms.sys.read_file(("/proc/%s/stat"):format(pid)) or ""):match "%) (%a)"
  return state and state ~= "Z" or false
end

-- Runs the script until its workers are known, and stops it: the workers' numbers and the status.
local function stopped_by(signal)
  local script, out = root() .. "/script.lua", root() .. "/out"
  tools.text(script, SCRIPT)
  local process = assert(ms.sys.spawn { PROGRAM, script, stdout = out, stderr = root() .. "/err" })
  local pids
  repeat
    ms.sys.sleep(0.02)
    pids = {}
    for pid in (ms.sys.read_file(out) or ""):gmatch "%d+\n" do pids[#pids + 1] = pid:match "%d+" end
  until #pids >= 4 or process:poll()
  process:kill(signal)
  return pids, process:wait()
end

function T.test_signals_leave_no_process()
  for signal, expected in pairs { INT = 130, TERM = 143, KILL = 137 } do
    local pids, status = stopped_by(signal)
    lu.assertNotEquals(pids[1], pids[2])
    lu.assertEquals(status, expected, signal)
    local looks = 0
    while (alive(pids[1]) or alive(pids[2])) and looks < 500 do
      ms.sys.sleep(0.02)
      looks = looks + 1
    end
    lu.assertFalse(alive(pids[1]) or alive(pids[2]), signal)
  end
end

function T.test_workers_are_ahead_by_a_bounded_number()
  local folder = root() .. "/made"
  ms.sys.mkdir(folder)
  local one = loader { items = 100, workers = 1, prefetch = 2, load = function(i)
    ms.sys.write_file(("%s/%d"):format(folder, i), "")
    return i
  end }
  for _, number in one:epoch(1) do
    if number == 3 then break end
    ms.sys.sleep(0.05)
    lu.assertTrue(#ms.sys.list(folder) <= number + 3) -- two that wait, one that is being made
  end
end

-- ---- where the loop is -------------------------------------------------------------------------
function T.test_a_loop_goes_on_where_it_was()
  local given = { shuffle = true, batch = 3, workers = 2, load = noisy }
  local function batches(one, first, last, stop)
    local list = {}
    for epoch = first, last do
      for batch in one:epoch(epoch) do
        list[#list + 1] = batch.x:bytes()
        if #list == stop then return list end
      end
    end
    return list
  end
  local whole = batches(loader(given), 1, 2)
  local one = loader(given)
  local list = batches(one, 1, 2, 6)
  local state = ms.io.json_decode(ms.io.json_encode(one:state()))
  lu.assertEquals({ state.epoch, state.batch }, { 2, 2 })
  for _, x in ipairs(batches(loader(given):resume(state), state.epoch, 2)) do
    list[#list + 1] = x
  end
  lu.assertEquals(list, whole)
  lu.assertErrorMsgContains("a loader with batch = 3, not 4", function()
    loader { batch = 4, shuffle = true }:resume(state)
  end)
  for k, text in ipairs(whole) do
    lu.assertEquals(one:batch((k - 1) // 4 + 1, (k - 1) % 4 + 1).x:bytes(), text)
  end
  lu.assertEquals(one:batch(1, 2).x:bytes(), whole[2])
  lu.assertEquals({ one:samples(3), one:samples(4) }, { 3, 1 })
  one:close()
end

-- ---- in training -------------------------------------------------------------------------------
-- Two clouds of points, which a line tells apart; a loader of them.
local function clouds(seed, workers)
  return ms.data.loader { items = 24, batch = 5, shuffle = true, seed = seed, workers = workers,
    load = function(i, draw)
      local side = i % 2 * 2 - 1
      return { x = ms.randn(3) * 0.5 + side, class = i % 2 + 1, u = draw:uniform() }
    end }
end

local function loss(model, batch)
  return ms.loss.cross_entropy(model(batch.x), batch.class)
end

local function line(seed)
  return ms.net.chain { ms.nn.linear { in_features = 3, out_features = 2, seed = seed } }
end

local function task_of(seed, workers)
  return ms.train.loader_task { loader = clouds(seed, workers), loss = loss,
    valid = clouds(99, workers) }
end

local PLAN = { phases = { { optimizer = "adam", lr = 0.1, steps = 12 } }, batch = 5,
  validate_every = 5, keep = "last" }

-- Weights after a run in a folder of its own, which stops at the signals that `interrupted` tells.
local function trained(name, workers, interrupted)
  local model = line(1)
  local run = assert(ms.train.run { model = model, task = task_of(1, workers), schedule = PLAN,
    out = root() .. "/" .. name, quiet = true, interrupted = interrupted })
  return model:parameters()[1].value:bytes(), run
end

function T.test_a_task_for_the_loop()
  local whole, run = trained("whole", 0)
  lu.assertTrue(run.done and run.best < 0.3)
  lu.assertEquals((trained("workers", 2)), whole)
  local steps = 0
  local _, first = trained("parts", 2, function()
    steps = steps + 1
    return steps > 8 -- in the middle of an epoch
  end)
  lu.assertTrue(first.interrupted)
  lu.assertEquals((trained("parts", 1)), whole)
  collectgarbage()
  collectgarbage()
  lu.assertEquals(children(), {})
end

function T.test_a_loop_by_hand()
  local model, one = line(1), clouds(1, 1)
  local optimizer, first, last = ms.optim.adam(model:parameters(), { lr = 0.1 }), nil, nil
  for epoch = 1, 4 do
    for batch in one:epoch(epoch) do
      local _ <close> = ms.scope()
      optimizer:zero()
      local value = loss(model, batch)
      value:backward()
      optimizer:step()
      last = value:item()
      first = first or last
    end
  end
  lu.assertTrue(last < first / 2)
end

function T.test_an_experiment()
  local e = ms.lab.experiment { name = "clouds", out = root() .. "/e", data = { kind = "clouds" },
    model = function(point) return line(point.seed) end,
    task = function(point) return task_of(point.seed, 2) end,
    train = PLAN, vary = { seed = { 1, 2 } }, score = { "right" },
    evaluate = function(model)
      local right = 0
      for batch in clouds(5, 0):epoch(1) do
        local y = model(batch.x)
        for k, class in ipairs(batch.class:totable()) do
          if (y:get(k, 2) > y:get(k, 1)) == (class == 2) then right = right + 1 / 24 end
        end
      end
      return { right = right }
    end }
  local results = assert(e:run { quiet = true })
  lu.assertEquals(#results, 2)
  lu.assertTrue(results[1].scores.right > 0.9)
  lu.assertErrorMsgContains("one of valid (a loader) and validate", ms.train.loader_task,
    { loader = clouds(1), loss = loss })
  lu.assertErrorMsgContains("the option loader is needed", ms.train.loader_task, {})
end

return T
