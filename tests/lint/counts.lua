--- Prints what adding things costs and how large the house is, for this tree and for those that are
-- named, side by side: moonstem tests/lint/counts.lua [FOLDER ...]. Comments and blank lines are no
-- lines of code.
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local tree = require "tree"

-- Words that stand for several things, and those that the field has better words for.
local WORDS = {
  "plan", "spread", "facts", "rate", "resample", "resampling", "signal", "pool", "records",
  "segment", "draws",
}
local STALE = {
  "crew", "ledger", "teller", "draft", "meeting", "hand_over", "handover", "calibrate",
  "describe", "outcome", "drawn", "told", "written", "pack", "truth", "heard", "settle", "stale",
  "phase_round", "tail_model", "beside", "inp", "up_conv2d", "conv_spread", "conv_gather",
  "conv_weight", "conv_tile", "past", "curves", "draws", "updates", "products", "stand_in",
  "quick_subnormals", "made_again", "wants",
}

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

local function count_lines(files)
  local n = 0
  for _, file in ipairs(files) do
    for _, line in tree.lines(file.code) do if line:find "%S" then n = n + 1 end end
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

-- Files of recipes, lab, train and optimizer whose code knows a learning rate.
local function rooms(t)
  local n, folders = 0, { "recipes", "lua/moonstem/lab", "lua/moonstem/train" }
  for _, path in ipairs(tree.files(t.root, "*.lua", table.unpack(folders))) do
    local code = tree.code(path, tree.read(t.root, path))
    if code:find "%f[%w_]rates?%f[^%w_]" or code:find "%f[%w_]lrs?%f[^%w_]" then n = n + 1 end
  end
  return n
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
        if (utf8.len(line) or #line) > 100 then wide = wide + 1 end
      end
    end
  end
  return wide
end

-- How many of the words an identifier, or a part of one between underscores, still is.
local function words_left(t, words)
  local seen, left = {}, {}
  for _, list in ipairs { t.c, t.lua } do
    for _, file in ipairs(list) do
      local text = file.code .. " " .. file.path:match "[^/]+$"
      for name in text:gmatch "%f[%w_][%a_][%w_]*" do seen["_" .. name .. "_"] = true end
    end
  end
  for _, word in ipairs(words) do
    for name in pairs(seen) do
      if name:find("_" .. word .. "_", 1, true) then left[#left + 1] = word break end
    end
  end
  return #left
end

local ROWS = {
  { "operator (gelu): lines in files of core/",
    function(t) return places(t.c, "%f[%w]gelu%f[%W]") end },
  { "layer (layer_norm): lines in files of core/, ops and kernels apart",
    function(t) return places(t.c, "layer_norm", "^core/[ok]") end },
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
  { "words with two meanings that are identifiers", function(t) return words_left(t, WORDS) end },
  { "words to be replaced that are identifiers", function(t) return words_left(t, STALE) end },
  { "C functions: median / 90 % / longest, lines",
    function(t) return percentiles(c_lengths(t.c)) end },
  { "Lua functions: median / 90 % / longest, lines",
    function(t) return percentiles(lua_lengths(t.lua)) end },
  { "lines of C", function(t) return count_lines(t.c) end },
  { "lines of Lua in the library", function(t) return count_lines(t.lua) end },
  { "lines of more than 100 columns in both", widest },
}

local trees = { load_all "." }
for _, root in ipairs(arg) do trees[#trees + 1] = load_all(root) end
for _, row in ipairs(ROWS) do
  local cells = {}
  for i, t in ipairs(trees) do cells[i] = ("%16s"):format(row[2](t)) end
  print(("%-68s %s"):format(row[1], table.concat(cells)))
end
