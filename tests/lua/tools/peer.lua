--- The bridge to fixtures of the same networks in PyTorch: names, layouts, errors.
-- Weights move by name. PyTorch's images are (batch, channel, time, frequency), ours channels last.
local ms = require "moonstem"

local peer = {}

--- Our names -> theirs, tried in order; numbers count from 1 here and from 0 there, unless a
-- capture is written with a sub-layer's fixed place.
local SUB = { norm = 0, conv = 2 } -- U-Net: norm, rectifier, convolution
local rules = {
  { "^(.*)encoder%.(%d+)%.(%a+)%.(%d)%.(.*)$", function(p, k, kind, j, rest)
    return ("%sencoder.%d.%d.%d.%s"):format(p, k - 1, j - 1, SUB[kind], rest)
  end },
  { "^(.*)decoder%.(%d+)%.up%.(.*)$", function(p, k, rest)
    return ("%sdecoder.%d.0.%s"):format(p, k - 1, rest)
  end },
  { "^(.*)decoder%.(%d+)%.(%a+)%.(%d)%.(.*)$", function(p, k, kind, j, rest)
    return ("%sdecoder.%d.%d.%d.%s"):format(p, k - 1, j, SUB[kind], rest)
  end },
  { "^(.*)final%.mask%.(.*)$", function(p, rest) return p .. "final.2." .. rest end },
  { "^(.*)final%.(%a+)%.(%d)%.(.*)$", function(p, kind, j, rest)
    return ("%sfinal.%d.%d.%s"):format(p, j - 1, SUB[kind], rest)
  end },
  { "^(.*)block%.(%d+)%.(%a+)%.(%d)%.(.*)$", function(p, k, kind, j, rest)
    return ("%sblocks.%d.%d.%s"):format(p, k - 1, (j - 1) * 3 + (kind == "norm" and 1 or 0), rest)
  end },
  { "^adapt%.conv%.(%d+)%.(.*)$", function(k, rest)
    return ("tail.adapt.%d.%s"):format(k - 1, rest)
  end }, { "^(.*)head%.linear%.1%.(.*)$", function(p, rest) return p .. "head.0." .. rest end },
  { "^(.*)head%.linear%.2%.(.*)$", function(p, rest) return p .. "head.4." .. rest end },
  { "^(.*)head%.norm%.(.*)$", function(p, rest) return p .. "head.1." .. rest end },
  { "^(.*)layer%.(%d+)%.norm%.(%d)%.(.*)$", function(p, k, j, rest)
    return ("%slayers.%d.norm%s.%s"):format(p, k - 1, j, rest)
  end }, { "^(.*)layer%.(%d+)%.linear%.(%d)%.(.*)$", function(p, k, j, rest)
    return ("%slayers.%d.mlp.%d.%s"):format(p, k - 1, (j - 1) * 2, rest)
  end },
  { "^(.*)layer%.(%d+)%.(attention.*)$", function(p, k, rest)
    return ("%slayers.%d.%s"):format(p, k - 1, rest)
  end }, { "^(.*)%.value$", function(name) return name end },
  { "^(tail%.%a+%.%a+)$", function(name) return name end }, -- an AST's patch, norm and head
}

--- The peer's name of one of our tensors.
function peer.name(ours)
  for _, rule in ipairs(rules) do
    local captures = table.pack(ours:match(rule[1]))
    if captures[1] then return rule[2](table.unpack(captures, 1, captures.n)) end
  end
  error("no peer name for " .. ours)
end

--- The peer's tensor in our layout. `ours`: our name; `channels`, `time`: of the map that the first
-- linear layer of a CNN tail flattens.
function peer.ours(ours, theirs, flat)
  local size = theirs:size()
  if ours:find("%.up%.weight$") then return theirs:permute { 3, 4, 1, 2 } end
  if #size == 4 then return theirs:permute { 3, 4, 2, 1 } end
  if ours:find("head%.linear%.1%.weight$") then
    return theirs:reshape { size[1], flat.channels, flat.time, -1 }:permute { 3, 4, 2, 1 }:reshape {
      -1, size[1] }
  end
  if #size == 2 then return theirs:permute { 2, 1 } end
  return theirs
end

function peer.rms(t)
  return t:count() == 0 and 0 or math.sqrt((t * t):mean():item())
end

--- Errors of a set {[name] = {mine, truth}} as the fixtures define them: rms of the difference over
-- rms of the truth, or over 1e-3 of the largest rms in the set where that is more.
function peer.errors(pairs_by_name)
  local largest, found = 0, {}
  for _, p in pairs(pairs_by_name) do largest = math.max(largest, peer.rms(p[2])) end
  for name, p in pairs(pairs_by_name) do
    local scale = math.max(peer.rms(p[2]), 1e-3 * largest)
    found[name] = peer.rms(p[1] - p[2]) / (scale > 0 and scale or 1)
  end
  return found
end

--- What is asked of the generator: widths, sizes and seeds.
local FRESH = {
  { "--only", "(ops|adam|front|separator4?|cnn.*|ast.*)" },
  { "--only", "(ops|adam|front|separator4?|cnn.*)", "--seed", "7", "--divide", "4", "--frames",
    "384", "--batch", "3" },
  { "--only", "(separator|cnn_tail|cnn_model)", "--seed", "11", "--divide", "1", "--frames", "192",
    "--batch", "4" },
  { "--only", "ast_model", "--seed", "5", "--frames", "384", "--batch", "2" },
}

-- The AST in its full width, on request (MOONSTEM_FULL_SIZE=1): 1.6 GB of fixtures, some minutes, 6
-- GB of memory.
local FULL = { "--only", "ast_.*", "--seed", "3", "--divide", "1", "--frames", "192", "--batch",
  "1" }

--- Makes one folder of fixtures, once: a folder appears under its name when it is whole.
local function fresh(script, root, k, options)
  local python = ms.sys.exists("/usr/bin/python3") and "/usr/bin/python3" or "python3"
  local dir = ("%s/%d"):format(root, k)
  if ms.sys.exists(dir) then return dir end
  local status = ms.sys.run { python, script, dir .. ".part", stdout = "/dev/null",
    stderr = "/dev/null", table.unpack(options) }
  return status == 0 and ms.sys.rename(dir .. ".part", dir) and dir or nil
end

--- Folders of fixtures: the stored ones, and fresh ones where PyTorch is installed and the
-- environment names the generator (MOONSTEM_PARITY, a path to parity.py) and a folder that keeps
-- them (MOONSTEM_FIXTURES). Also a sentence when there are only the stored ones.
function peer.folders(golden)
  local list, script, root = { golden }, os.getenv("MOONSTEM_PARITY"),
    os.getenv("MOONSTEM_FIXTURES")
  if not script or not root or not ms.sys.exists(script) then
    return list, "MOONSTEM_PARITY and MOONSTEM_FIXTURES name no generator and folder"
  end
  assert(ms.sys.mkdir(root))
  local wanted = table.move(FRESH, 1, #FRESH, 1,
    { [#FRESH + 1] = os.getenv "MOONSTEM_FULL_SIZE" and FULL })
  for k, options in ipairs(wanted) do
    local dir = fresh(script, root, k, options)
    if not dir then return list, "PyTorch is not installed" end
    list[#list + 1] = dir
  end
  return list
end

return peer
