--- AST tails that start from image models (paper, section 4;
-- recipes/paper.md#adaptation-of-the-ast, #image-weights):
-- weights of DeiT-base or ViT-base, by their timm names, from a safetensors file. Pictures there
-- are (row = frequency, column = time).
local core = require "moonstem.core.tensor"
local files = require "moonstem.core.io"
local options_of = require "moonstem.options"

local M = {}

-- ---- resizing ------------------------------------------------------------------------------
--- M.coordinates(from, to) -> for each of `to` places the coordinate, from 0, among `from`:
-- half-pixel centres, clamped to the first and the last.
function M.coordinates(from, to)
  local list = {}
  for i = 1, to do list[i] = math.min(math.max((i - 0.5) * from / to - 0.5, 0), from - 1) end
  return list
end

--- (from, to): times this matrix, a row of `from` numbers is resized linearly, without smoothing.
local function resizing(from, to)
  local matrix = core.zeros { from, to }
  for i, at in ipairs(M.coordinates(from, to)) do
    local low, part = math.floor(at), at % 1
    matrix:set(low + 1, i, 1 - part)
    if part > 0 then matrix:set(low + 2, i, part) end
  end
  return matrix
end

--- Resizes the last dimension.
local function resize_last(x, to)
  local size = x:size()
  if size[#size] == to then return x end
  return x:matmul(resizing(size[#size], to))
end

--- Takes the middle `to` of the last dimension where it is as long, else resizes (the AST's
-- recipe).
local function fit_last(x, to)
  local size = x:size()
  local from = size[#size]
  if to > from then return resize_last(x, to) end
  local start = from // 2 - to // 2
  return x:slice(#size, start + 1, start + to)
end

-- ---- what each tensor becomes ---------------------------------------------------------------
--- One number for every input channel: (dim, row, column) -> (column, row, channels, dim), the
-- share 1 / channels of it times `gain` in each.
local function shared(kernel, channels, gain)
  local turned = kernel:permute { 3, 2, 1 }
  local size = turned:size()
  local share = core.ones { 1, 1, channels, 1 } * (gain / channels)
  return turned:reshape { size[1], size[2], 1, size[3] } * share
end

--- Ways of a patch kernel (dim, 3, row, column) to `channels` of ours: (column, row, channels,
-- dim).
local PATCHES = {
  shared = function(weight, channels) return shared(weight:sum(2), channels, 1) end,
  mixture = function(weight, channels)
    local kernel = shared(weight:sum(2), 1, 1)
    local size = kernel:size()
    if channels == 1 then return kernel end
    return core.ops.cat({ core.zeros { size[1], size[2], channels - 1, size[4] }, kernel }, 3)
  end,
  cyclic = function(weight, channels)
    local colours = {}
    for c = 1, channels do colours[c] = weight:slice(2, (c - 1) % 3 + 1, (c - 1) % 3 + 1) end
    return core.ops.cat(colours, 2):permute { 4, 3, 2, 1 } * (3 / channels)
  end,
}

--- M.patch_kernel(weight, channels, [patch = "shared"]) -> (16, 16, channels, dim), time x
-- frequency, from (dim, 3, 16, 16) (recipes/paper.md#image-weights). "shared": the sum over red,
-- green and blue, an equal part of it for each channel; "mixture": that sum for the last channel,
-- zeros for the others; "cyclic": red, green, blue, red, ... as they come, times 3 / channels
-- (timm's rule).
function M.patch_kernel(weight, channels, patch)
  return PATCHES[patch or "shared"](weight, channels)
end

--- M.adaptation_kernel(weight, size, channels, [gain = 1]) -> (size[1], size[2], channels, dim):
-- the mean over red, green and blue, resized linearly to time x frequency, shared among the
-- channels (recipes/paper.md#adaptation-of-the-ast).
function M.adaptation_kernel(weight, size, channels, gain)
  local columns = resize_last(weight:mean(2), size[1])
  local both = resize_last(columns:permute { 1, 3, 2 }, size[2]):permute { 1, 3, 2 }
  return shared(both, channels, gain or 1)
end

--- M.positions(embedding, prefix, rows, columns) -> (1, 1 + rows * columns, dim): [CLS]'s position,
-- then those of the grid. The square grid of `embedding` (1, prefix + g * g, dim) is cut to its
-- middle or resized, over time first, then over frequency; of the prefix, a distillation token's
-- position is left out.
function M.positions(embedding, prefix, rows, columns)
  local size = embedding:size()
  local side, dim = math.floor((size[2] - prefix) ^ 0.5 + 0.5), size[3]
  local grid = embedding:slice(2, prefix + 1, -1):reshape { side, side, dim }:permute { 3, 1, 2 }
  local wide = fit_last(grid, columns):permute { 1, 3, 2 } -- dim, time, frequency
  local places = fit_last(wide, rows):permute { 3, 2, 1 }:reshape { 1, rows * columns, dim }
  return core.ops.cat({ embedding:slice(2, 1, 1), places }, 2)
end

-- ---- a whole file ----------------------------------------------------------------------------
local function same(t) return t end
local function transposed(t) return t:permute { 2, 1 } end

--- Of every layer: our name, theirs, what happens to the tensor.
local LAYER = {
  { "norm.1.weight", "norm1.weight", same }, { "norm.1.bias", "norm1.bias", same },
  { "attention.qkv.weight", "attn.qkv.weight", transposed },
  { "attention.qkv.bias", "attn.qkv.bias", same },
  { "attention.out.weight", "attn.proj.weight", transposed },
  { "attention.out.bias", "attn.proj.bias", same },
  { "norm.2.weight", "norm2.weight", same }, { "norm.2.bias", "norm2.bias", same },
  { "linear.1.weight", "mlp.fc1.weight", transposed }, { "linear.1.bias", "mlp.fc1.bias", same },
  { "linear.2.weight", "mlp.fc2.weight", transposed }, { "linear.2.bias", "mlp.fc2.bias", same },
}

--- Rows of the whole tail.
local function tail_rows(tail, prefix, patch)
  local o = tail.options
  local rows = {
    { "patch.weight", "patch_embed.proj.weight",
      function(t) return M.patch_kernel(t, o.channels, patch) end },
    { "patch.bias", "patch_embed.proj.bias", same }, { "cls.value", "cls_token", same },
    { "position.value", "pos_embed",
      function(t) return M.positions(t, prefix, 128 // 16, o.frames // 16) end },
    { "norm.weight", "norm.weight", same }, { "norm.bias", "norm.bias", same },
  }
  for k = 1, o.depth do
    for _, row in ipairs(LAYER) do
      rows[#rows + 1] = { ("layer.%d.%s"):format(k, row[1]), ("blocks.%d.%s"):format(k - 1, row[2]),
        row[3] }
    end
  end
  return rows
end

--- Rows of the adaptation module: every kernel from the patches', biases 0.
local function adaptation_rows(adapt, gain)
  local rows = {}
  for j, conv in ipairs(adapt.conv) do
    local size = conv.weight:size()
    rows[2 * j - 1] = { ("conv.%d.weight"):format(j), "patch_embed.proj.weight",
      function(t) return M.adaptation_kernel(t, size, size[3], gain) end }
    rows[2 * j] = { ("conv.%d.bias"):format(j), "patch_embed.proj.bias",
      function(t) return t * 0 end }
  end
  return rows
end

--- What the file lacks or has in another size, as a message.
local function misfit(tail, state)
  local dim = tail.options.dim
  local patch, position = state["patch_embed.proj.weight"], state.pos_embed
  if not patch or not position then return "it has no patch_embed.proj.weight or no pos_embed" end
  if patch:shape() ~= ("%dx3x16x16"):format(dim) then
    return ("its patch_embed.proj.weight is %s, %dx3x16x16 was expected"):format(patch:shape(), dim)
  end
  local prefix = state.dist_token and 2 or 1
  local size = position:size()
  local grid = #size == 3 and size[2] - prefix or 0
  if grid < 1 or size[3] ~= dim or math.floor(grid ^ 0.5 + 0.5) ^ 2 ~= grid then
    return ("its pos_embed is %s, no square grid of patches behind %d tokens")
      :format(position:shape(), prefix)
  end
end

--- The first row of a module that the file cannot fill, as a message; of patches and positions
-- misfit() knows.
local function unfit(mine, rows, state)
  for _, row in ipairs(rows) do
    local theirs = state[row[2]]
    if not theirs then return "it has no " .. row[2] end
    local size = mine[row[1]]:size()
    if row[3] == transposed then size[1], size[2] = size[2], size[1] end
    local expected = table.concat(size, "x")
    if (row[3] == same or row[3] == transposed) and theirs:shape() ~= expected then
      return ("its %s is %s, %s was expected"):format(row[2], theirs:shape(), expected)
    end
  end
end

--- Copies rows into a module, one at a time.
local function copy(mine, rows, state)
  for _, row in ipairs(rows) do
    local _ <close> = core.scope()
    mine[row[1]]:copy(row[3](state[row[2]]))
  end
end

local function tail_in(model)
  local tail = type(model) == "table" and (rawget(model, "tail") or model)
  local options = tail and rawget(tail, "options")
  if options and options.kind == "ast" then return tail end
  error("imagenet: the model has no AST tail", 3)
end

--- The options with what they leave out.
local function complete(options)
  local o = options_of(options, "imagenet", { gain = options_of.number(1), patch = "shared" })
  if not PATCHES[o.patch] then
    error('imagenet: patch must be "shared", "mixture" or "cyclic", got ' .. o.patch, 3)
  end
  return o.gain, o.patch
end

--- M.fill(model, state, [{gain = 1, patch = "shared"}]): the AST tail of a model (a tail, a
-- tail_only or a tagger) and its adaptation module take the weights of an image model, {[timm name]
-- = tensor}. The linear layer that reads [CLS] stays as it is. gain: of the adaptation kernels;
-- patch: how channels share the patch kernel (patch_kernel).
-- @return the model, or nil and a message
function M.fill(model, state, options)
  local gain, patch = complete(options)
  local tail = tail_in(model)
  local _ <close> = core.scope()
  local mine, rows = tail:state(), tail_rows(tail, state.dist_token and 2 or 1, patch)
  local why = misfit(tail, state) or unfit(mine, rows, state)
  if why then return nil, why end
  copy(mine, rows, state)
  if rawget(model, "adapt") then
    copy(model.adapt:state(), adaptation_rows(model.adapt, gain), state)
  end
  return model
end

--- M.load(model, path, [{gain = 1, patch = "shared"}]): the same from a safetensors file with
-- timm's names, e.g. of deit_base_patch16_384 or vit_base_patch16_224; of a distilled one, the
-- distillation token is left out.
-- @return the model, or nil and a message
function M.load(model, path, options)
  tail_in(model)
  complete(options)
  local _ <close> = core.scope()
  local state, message = files.load_safetensors(path)
  if not state then return nil, message end
  local filled, why = M.fill(model, state, options)
  if not filled then return nil, path .. ": " .. why end
  return filled
end

return M
