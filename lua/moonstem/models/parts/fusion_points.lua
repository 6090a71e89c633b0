--- Where the decoder's maps meet the tail: which levels, and the part of the tail that each enters.
-- Levels are numbered as the decoder's blocks: 1 is the coarsest, as many as the U-Net has the
-- finest.
local MOST = 5 -- maps that meet the tail unless told otherwise (the authors' --skips)

local M = {}

local function refuse(text, ...)
  error("tagger: " .. text:format(...), 5)
end

--- Raises unless `list` holds different whole numbers from 1 to `most`.
local function check(list, name, most)
  if type(list) ~= "table" then
    refuse("%s must be a list of whole numbers, got %s", name, type(list))
  end
  local seen = {}
  for _, n in ipairs(list) do
    if math.type(n) ~= "integer" or n < 1 or n > most or seen[n] then
      refuse("%s must be different whole numbers from 1 to %d, got %s", name, most, tostring(n))
    end
    seen[n] = true
  end
  return list
end

--- finest, finest - 1, ... down to 1, at most `count` of them.
local function downwards(finest, count)
  local list = {}
  for level = finest, math.max(1, finest - count + 1), -1 do list[#list + 1] = level end
  return list
end

--- A CNN's block k takes the map of equal time resolution. Block 1 has the full one and no map.
local function cnn(depth, tail, levels, layers)
  if layers then
    refuse "layers are those of an AST; a CNN's block takes the level of its time resolution"
  end
  local blocks = tail.widths and #tail.widths or 7
  levels = levels or downwards(depth - 1, math.min(MOST, blocks - 1))
  local parts = {}
  for j, level in ipairs(levels) do
    parts[j] = depth + 1 - level
    if parts[j] < 2 or parts[j] > blocks then
      refuse("level %d of the decoder meets no block of a CNN tail of %d blocks", level, blocks)
    end
  end
  return levels, parts
end

--- An AST takes maps at every second layer, the finest first, up to the last layer but one: what
-- joins the last one hardly reaches [CLS].
local function ast(depth, tail, levels, layers)
  local most = tail.depth or 12
  if not levels then
    local count = layers and #layers or math.max(0, math.min(MOST, most // 2 - 1))
    levels = downwards(depth, count)
  end
  local parts = layers and check(layers, "layers", most) or {}
  for j in ipairs(layers and {} or levels) do parts[j] = 2 * j + 1 end
  if #parts ~= #levels then refuse("%d levels need as many layers, got %d", #levels, #parts) end
  if not layers then check(parts, "the layers of so many levels", most) end
  return levels, parts
end

--- M.of(unet, tail, levels, layers) -> { levels =, parts =, channels =, scales = }, lists with an
-- entry for each map: its level, the block or layer of the tail whose input it joins, its
-- channels, how many times coarser it is than full resolution. tail: the options of a tail; levels
-- and layers: as asked for, or nil.
function M.of(unet, tail, levels, layers)
  local depth = #unet.options.widths
  if levels then check(levels, "levels", depth) end
  local met = { channels = {}, scales = {} }
  met.levels, met.parts = (tail.kind == "ast" and ast or cnn)(depth, tail, levels, layers)
  for j, level in ipairs(met.levels) do
    met.channels[j] = unet.options.widths[depth + 1 - level]
    met.scales[j] = 1 << (depth - level)
  end
  return met
end

return M
