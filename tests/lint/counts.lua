--- Prints what adding things costs and how large the house is, for this tree and for those that are
-- named, side by side: moonstem tests/lint/counts.lua [--words] [--folders] [FOLDER ...]
-- Comments and blank lines are no lines of code. --words prints, for this tree, which words are
-- left and where; --folders prints the lines of code of each folder.
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local tree = require "tree"

-- Words that once had several meanings, and the places (patterns of paths) where each has the one
-- that is left to it. An identifier that contains the word elsewhere has another meaning.
local MEANINGS = {
  plan = { "fft", "stft", "/metrics/", "/lab/", "renamed" }, -- of an FFT; of runs
  spread = { "renamed" },
  facts = {},
  rate = { "/audio/", "/data/", "/evaluate", "spectrogram", "report/pictures", "report/song",
    "report/paper", "lab/sets", "commands/separate", "renamed", "moonstem/fft",
    "/models/" }, -- the sampling rate
  resample = { "/audio/", "moonstem/signal/", "paper_table/notes" }, -- to another sampling rate
  resampling = { "/audio/", "moonstem/signal/", "renamed" },
  signal = { "base/interrupt", "base/thread%.", "process", "decode/child", "base/system/",
    "bind/sys/", "data/loader/batch", "lua/moonstem/app/", "ops/signal", "lua/moonstem/init",
    "loss/waves", "phase_masks" }, -- one of POSIX; ms.signal
  pool = { "pool", "base/system/fork", "kernels/", "ops/", "/models/", "/nn/", "/net/",
    "lab/scale" }, -- pooling
  records = { "records" }, -- JSON
  segment = { "/audio/", "data/init", "data/mixes", "/evaluate" }, -- what a separator sees
  draws = { "renamed" },
}
-- Names that hold one of these words in a sense that the whole name makes plain.
local PLAIN = { thread_pool = true, process_pool = true, thread_pools = true }

-- Words for which the field has better ones; some are plain English in other places.
local REPLACED = { again = { "^lua/" }, beside = { "^core/", "/figure/", "renamed" },
  curves = { "^lua/" }, describe = { "^core/", "sys/progress", "train/", "renamed" },
  drawn = { "/report/" }, pack = { "kernels/", "renamed" }, past = { "^lua/", "/audio/" },
  products = { "kernels/", "tensor/products" },
  stand_in = { "/lab/", "/report/", "renamed" }, -- a key of result.json
  tail_model = { "model_config", "renamed" }, rounds = { "^core/", "/train/", "renamed" } }
for word in ([[calibrate conv_gather conv_spread conv_tile conv_weight crew draft hand_over
  handover heard inp ledger made_again meeting outcome phase_round quick_subnormals settle stale
  teller told truth up_conv2d updates wants written]])
  :gmatch "%S+" do
  REPLACED[word] = { "renamed", "conv/general/conv_gather" }
end

local function load_all(root)
  local t = { root = root, c = {}, lua = {}, facade = tree.facade(root) }
  for _, pattern in ipairs { "*.[ch]", "*.def" } do
    for _, path in ipairs(tree.files(root, pattern, "core")) do t.c[#t.c + 1] = { path = path } end
  end
  for _, path in ipairs(tree.files(root, "*.lua", "lua/moonstem")) do
    if not path:find "/corpora" then t.lua[#t.lua + 1] = { path = path } end
  end
  for _, list in ipairs { t.c, t.lua } do
    for _, file in ipairs(list) do
      file.text = tree.read(root, file.path)
      file.code = tree.code(file.path, file.text)
    end
  end
  return t
end

local WIDTH = 100

local function columns(line) return utf8.len(line) or #line end

-- Lines of code. One of more than 100 columns counts as the lines that it would fill, so that
-- breaking it costs nothing.
local function count_lines(files)
  local n = 0
  for _, file in ipairs(files) do
    for _, line in tree.lines(file.code) do
      if line:find "%S" then n = n + math.ceil(columns((line:gsub("%s+$", ""))) / WIDTH) end
    end
  end
  return n
end

-- ---- functions -------------------------------------------------------------------------------
-- Lengths of C functions, from the line of their name to that of the brace that closes them.
local function c_lengths(files)
  local list = {}
  for _, file in ipairs(files) do
    local head, open
    for n, line in tree.lines(file.code) do
      if line:find "^%a.*%(" then head = n end
      if line:find "^{" and head then open = head end
      if line:find "^}" and open then
        if line:find "^}%s*$" then list[#list + 1] = n - open + 1 end
        head, open = nil, nil
      elseif line:find ";%s*$" and not open then head = nil end
    end
  end
  return list
end

local OPENS = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }

-- Lengths of Lua functions of more than one line.
local function lua_lengths(files)
  local list = {}
  for _, file in ipairs(files) do
    local stack = {}
    for n, line in tree.lines(file.code:gsub('"[^"\n]*"', '""')) do
      for word in line:gmatch "%f[%w_][%a_][%w_]*" do
        if OPENS[word] then stack[#stack + 1] = { word, n }
        elseif word == "end" or word == "until" then
          local top = table.remove(stack) or { "", n }
          if top[1] == "function" and n > top[2] then list[#list + 1] = n - top[2] + 1 end
        end
      end
    end
  end
  return list
end

local function percentiles(list)
  table.sort(list)
  local function at(share) return list[math.max(1, math.ceil(#list * share))] end
  return ("%d / %d / %d"):format(at(0.5), at(0.9), list[#list])
end

-- ---- places ----------------------------------------------------------------------------------
-- "LINES in FILES": lines of code whose words match, those of files that match `own` apart.
local function places(files, pattern, own)
  local lines, among = 0, 0
  for _, file in ipairs(files) do
    local before = lines
    if not (own and file.path:find(own)) then
      for _, line in tree.lines(file.code) do if line:find(pattern) then lines = lines + 1 end end
    end
    if lines > before then among = among + 1 end
  end
  return ("%d in %d"):format(lines, among)
end

local function lines_of(t, path)
  return count_lines { { code = tree.code(path, tree.read(t.root, path)) } }
end

local function lines_below(files, ...)
  local n = 0
  for _, file in ipairs(files) do
    for _, place in ipairs { ... } do
      if file.path:find(place) then n = n + count_lines { file } end
    end
  end
  return n
end

local function size_of(t, ...)
  local total = 0
  for _, path in ipairs(tree.files(t.root, "*.lua", "lua/moonstem", "experiments")) do
    for _, own in ipairs { ... } do
      if path:find(own) then total = total + lines_of(t, path) end
    end
  end
  return total
end

-- Median lines of code of the kept experiments.
local function experiment_lines(t)
  local list = {}
  for _, path in ipairs(tree.files(t.root, "*.lua", "experiments")) do
    if not path:find "/_" then list[#list + 1] = lines_of(t, path) end
  end
  table.sort(list)
  return list[(#list + 1) // 2] or 0
end

-- Files of recipes, lab and train whose code knows a learning rate: `lr`, in older trees `rate`.
local function rooms(t)
  local lr, rate = 0, 0
  for _, path in ipairs(tree.files(t.root, "*.lua", "recipes", "lua/moonstem/lab",
    "lua/moonstem/train")) do
    local code = tree.code(path, tree.read(t.root, path))
    if code:find "%f[%w_]lrs?%f[^%w_]" then lr = lr + 1 end
    if code:find "%f[%w_]rates?%f[^%w_]" then rate = rate + 1 end
  end
  return lr > 0 and lr or rate
end

-- ---- the house -------------------------------------------------------------------------------
local function circles(t)
  local function count(edges) return #tree.circles(edges) end
  return count(tree.c_edges(tree.c_files(t.root))) + count(tree.lua_edges(tree.lua_files(t.root)))
end

-- How many folders hold more than 20 files.
local function crowded(t)
  local count, crowded_ones = {}, 0
  local folders = { "core", "lua", "recipes", "experiments", "tests" }
  for _, path in ipairs(tree.files(t.root, "*", table.unpack(folders))) do
    local folder = path:match "^(.*)/"
    count[folder] = (count[folder] or 0) + 1
  end
  for _, n in pairs(count) do if n > 20 then crowded_ones = crowded_ones + 1 end end
  return crowded_ones
end

local function widest(t)
  local wide = 0
  for _, list in ipairs { t.c, t.lua } do
    for _, file in ipairs(list) do
      for _, line in tree.lines(file.text) do
        if columns(line) > WIDTH then wide = wide + 1 end
      end
    end
  end
  return wide
end

-- ---- words -----------------------------------------------------------------------------------
-- Calls visit(name, path) for every identifier of a file, the file's own name among them.
local function each_identifier(t, visit)
  for _, list in ipairs { t.c, t.lua } do
    for _, file in ipairs(list) do
      local text = file.code:gsub('"[^"\n]*"', '""'):gsub("[%.:]u?n?pack%f[%W]", "")
      text = text:gsub("'[^'\n]*'", "''"):gsub("json_pack", "") .. file.path:match "/[^/]+$"
      for name in text:gmatch "%f[%w_][%a_][%w_]*" do visit(name, file.path) end
    end
  end
end

local function among(path, patterns)
  for _, place in ipairs(patterns) do if path:find(place) then return true end end
  return false
end

-- word -> path -> how often it is an identifier there, or a part of one between underscores.
-- meanings: word -> where it may be.
local function words_left(t, meanings)
  local left = {}
  each_identifier(t, function(name, path)
    if PLAIN[name] then return end
    for word, allowed in pairs(meanings) do
      if ("_" .. name .. "_"):lower():find("_" .. word .. "_", 1, true)
        and not among(path, allowed) then
        left[word] = left[word] or {}
        left[word][path] = (left[word][path] or 0) + 1
      end
    end
  end)
  return left
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function print_words(t)
  for _, meanings in ipairs { MEANINGS, REPLACED } do
    local left = words_left(t, meanings)
    for _, word in ipairs(sorted_keys(left)) do
      print(word)
      for _, path in ipairs(sorted_keys(left[word])) do
        print(("  %-60s %4d"):format(path, left[word][path]))
      end
    end
  end
end

local function print_folders(t)
  local lines = {}
  for _, list in ipairs { t.c, t.lua } do
    for _, file in ipairs(list) do
      local folder = file.path:match "^(.*)/"
      lines[folder] = (lines[folder] or 0) + count_lines { file }
    end
  end
  for _, folder in ipairs(sorted_keys(lines)) do
    print(("%-60s %6d"):format(folder, lines[folder]))
  end
end

local ROWS = {
  { "operator (gelu): lines in files of core/",
    function(t) return places(t.c, "%f[%w]gelu%f[%W]") end },
  { "layer (layer_norm): lines in files of core/, ops and kernels apart",
    function(t) return places(t.c, "layer_norm", "^core/[ok]") end },
  { "layer (layer_norm): lines in files of nn/",
    function(t) return places(t.lua, "layer_norm", "^lua/moonstem/[^n][^n]") end },
  { "layers: lines of nn/ in C", function(t) return lines_below(t.c, "^core/nn/", "bind/nn") end },
  { "layers: lines of nn/ in Lua", function(t) return lines_below(t.lua, "^lua/moonstem/nn/") end },
  { "network (cnn_tail): its lines", function(t) return size_of(t, "models/.*cnn_tail%.lua$") end },
  { "network (cnn_tail): lines in other files of the library",
    function(t) return places(t.lua, "%f[%w_]cnn_tail%f[^%w_]", "cnn_tail") end },
  { "data set (fma): its lines", function(t) return size_of(t, "data/.*fma%.lua$") end },
  { "data set (fma): lines in other files of the library",
    function(t) return places(t.lua, "%f[%w_]fma%f[^%w_]", "fma%.lua") end },
  { "experiment: median lines", experiment_lines },
  { "files of recipes, lab and train that know a learning rate", rooms },
  { "circles of C units and of Lua modules", circles },
  { "folders of more than 20 files", crowded },
  { "words with two meanings", function(t) return #sorted_keys(words_left(t, MEANINGS)) end },
  { "words to be replaced that are identifiers",
    function(t) return #sorted_keys(words_left(t, REPLACED)) end },
  { "C functions: median / 90 % / longest, lines",
    function(t) return percentiles(c_lengths(t.c)) end },
  { "Lua functions: median / 90 % / longest, lines",
    function(t) return percentiles(lua_lengths(t.lua)) end },
  { "lines of C, of 100 columns each", function(t) return count_lines(t.c) end },
  { "lines of Lua in the library, of 100 columns each",
    function(t) return count_lines(t.lua) end },
  { "lines of more than 100 columns in both", widest },
}

local trees, options = { load_all "." }, {}
for _, root in ipairs(arg) do
  if root:find "^%-%-" then options[root] = true else trees[#trees + 1] = load_all(root) end
end
if options["--words"] then print_words(trees[1]) end
if options["--folders"] then print_folders(trees[1]) end
if not next(options) then
  for _, row in ipairs(ROWS) do
    local cells = {}
    for i, t in ipairs(trees) do cells[i] = ("%16s"):format(row[2](t)) end
    print(("%-68s %s"):format(row[1], table.concat(cells)))
  end
end
