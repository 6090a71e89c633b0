--- The networks against the same ones in PyTorch: outputs, losses, gradients, running statistics.
-- Fixtures are computed in double. In the double build whole networks agree to 1e-7. In float,
-- where an activation within rounding of a kink may take the other side and change every gradient
-- below it, the errors of our pass are held against those that the fixture records for PyTorch's
-- own float pass: three times as large at most, for the middle one, the ninth of ten and the worst,
-- beyond what a kink costs.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local peer = require "peer"

local DOUBLE = ms.machine().real == "f64"
local GOLDEN = places.GOLDEN .. "parity"
-- The peer rounds its mel matrix to float before it computes in double.
local mel = require("moonstem.models.mel").matrix()
mel:copy(ms.from_string(mel:bytes(), mel:size()))

local folders, why_few = peer.folders(GOLDEN)
if why_few then io.stderr:write("parity: stored fixtures only (", why_few, ")\n") end

local UNET = { 16, 32, 64, 128, 192, 192 }
local TAIL = { 64, 64, 128, 128, 128, 128, 256 }

local function divided(list, by)
  local out = {}
  for k, n in ipairs(list) do out[k] = math.max(1, n // by) end
  return out
end

--- name -> function(sizes) that makes our model of a fixture
local function tail_options(o, classes)
  return { classes = classes, widths = divided(TAIL, o.divide),
    hidden = math.max(1, 512 // o.divide), dropout = 0, frames = o.frames }
end

local function tagger(sources, classes)
  return function(o)
    local unet = ms.models.unet { sources = sources, widths = divided(UNET, o.divide) }
    return ms.models.tagger { unet = unet, tail = tail_options(o, classes), classes = classes }
  end
end

local function tail(classes)
  return function(o)
    return ms.models.tail_only { tail = ms.models.cnn_tail(tail_options(o, classes)) }
  end
end

local function ast_options(o)
  local dim, heads = math.max(1, 768 // o.divide), 12
  while dim % heads + 12 % heads > 0 do heads = heads - 1 end -- the greatest common divisor
  return { kind = "ast", classes = 50, dim = dim, heads = heads, frames = o.frames }
end

local function ast_tail(o)
  return ms.models.tail_only { tail = ms.models.tail(ast_options(o)) }
end

local function ast_tagger(o)
  local unet = ms.models.unet { widths = divided(UNET, o.divide) }
  return ms.models.tagger { unet = unet, tail = ast_options(o), classes = 50 }
end

local function separator(sources)
  return function(o)
    return ms.models.separator { sources = sources, widths = divided(UNET, o.divide) }
  end
end

local makers = {
  separator = separator(1), separator4 = separator(4), cnn_tail = tail(50), cnn_tail16 = tail(16),
  cnn_model = tagger(1, 50), cnn_model4 = tagger(4, 16), ast_tail = ast_tail,
    ast_model = ast_tagger,
}

--- Fills the model from the fixture, by name.
local function fill(model, fixture, flat)
  for _, t in ipairs(model:tensors()) do
    local theirs = assert(fixture["weight/" .. peer.name(t.name)], t.name)
    t.value:copy(peer.ours(t.name, theirs, flat))
  end
end

local function loss_of(name, y, target)
  if name:find("^separator") then return ms.loss.l1(y, target) end
  if #target:size() == 1 then return ms.loss.cross_entropy(y, target + 1) end
  return ms.loss.bce_with_logits(y, target)
end

--- Everything that the fixture holds, ours beside theirs: {group = {[name] = {mine, truth}}}.
-- nudge: every number of the input is off by so much of itself, up or down by chance.
local function compare(name, model, fixture, flat, nudge)
  local groups = { values = {}, gradients = {} }
  fill(model, fixture, flat)
  local x = (fixture.input * (ms.randn(fixture.input:size()) * nudge + 1)):detach():needs_grad()
  local y = model:train()(x)
  local loss = loss_of(name, y, fixture.target)
  loss:backward()
  groups.values.output = { y:detach(), fixture.output }
  groups.values.loss = { loss:detach():reshape {}, fixture.loss:reshape {} }
  groups.gradients["grad/input"] = { x.grad, fixture["grad/input"] }
  for _, t in ipairs(model:tensors()) do
    local theirs = peer.name(t.name)
    local group, key = groups.gradients, "grad/" .. theirs
    if not t.trainable then group, key = groups.values, "after/" .. theirs end
    group[key] = { t.trainable and t.value.grad or t.value:clone(),
      peer.ours(t.name, fixture[key], flat) }
  end
  fill(model, fixture, flat)
  ms.no_grad(function()
    groups.values.predicted = { model:eval()(fixture.input), fixture.predicted }
  end)
  return groups
end

--- The largest error of a group against its bound.
local function judge(label, group, bound)
  for name, e in pairs(peer.errors(group)) do
    local most = bound(name)
    lu.assertTrue(e <= most, ("%s: %s is off by %.2e, at most %.2e"):format(label, name, e, most))
  end
end

--- Middle, ninth of ten and largest error of the gradients whose names match.
local function spread(errors, pattern)
  local list = {}
  for name, e in pairs(errors) do
    if name:find(pattern) then list[#list + 1] = e end
  end
  table.sort(list)
  return { list[#list // 2 + 1], list[math.ceil(#list * 0.9)], list[#list] }
end

--- Gradients whose names match, against PyTorch's; least: errors below it are as good as none.
local function judge_gradients(label, errors, torch, pattern, least)
  local mine, theirs = spread(errors, pattern), spread(torch, pattern)
  for k, what in ipairs { "middle", "ninth of ten", "worst" } do
    local most = 3 * math.max(theirs[k], least[k])
    lu.assertTrue(mine[k] <= most, ("%s: the %s gradient is off by %.2e, PyTorch's by %.2e"):format(
      label, what, mine[k], theirs[k]))
  end
end

--- What one activation that takes the other side of a kink does to the gradients below it: most of
-- them stay within 1e-2, a batch norm's single number, summed over a whole image, does not.
-- PyTorch's own pass may meet no kink by luck where ours, in one instruction set or another, meets
-- one.
local KINKED = { 3.3e-3, 1e-2, 1e-1 }

-- One near the output moves all gradients by more (an input that is off by 1e-6 of itself: by
-- 1e-1). But then it is within rounding of its kink, and rounding the input another way takes it
-- back, as it would do to no mistake of ours.
local NUDGES = { 0, 6e-8, 6e-8, 6e-8, 6e-8, 6e-8, 6e-8, 6e-8 }

local function judge_float(label, groups, torch)
  local errors, ast = peer.errors(groups.gradients), label:find("^ast")
  -- it has no kinks
  if ast then judge_gradients(label, errors, torch, "^grad/tail%.", { 1e-6, 1e-6, 1e-6 }) end
  judge_gradients(label, errors, torch, "^grad/", label:find("^ast_tail") and { 0, 0, 0 } or KINKED)
end

--- Values as they are; gradients of the first nudge that brings them within their bounds.
local function check_float(label, torch, compared)
  -- a loss may be lucky where the output that it comes from is not
  local groups = compared(NUDGES[1])
  judge(label, groups.values, function(n)
    return math.max(1e-5, 3 * math.max(torch[n] or 0, torch.output))
  end)
  local why
  for k = 1, #NUDGES do
    local ok, message = pcall(judge_float, label, groups, torch)
    if ok then return end
    why = why or message
    ms.seed(k)
    groups = NUDGES[k + 1] and compared(NUDGES[k + 1])
  end
  error(why, 0)
end

local function check(name, dir)
  local fixture, meta = ms.io.load_safetensors(dir .. "/" .. name .. ".safetensors")
  local o = { divide = math.tointeger(tonumber(meta.divide)),
    frames = math.tointeger(tonumber(meta.frames)) }
  local torch = ms.io.json_decode(meta.torch_f32)
  local flat = { channels = divided(TAIL, o.divide)[7], time = o.frames // 192 }
  local label = ("%s /%d seed %s"):format(name, o.divide, meta.seed)
  local function compared(nudge) return compare(name, makers[name](o), fixture, flat, nudge) end
  if not DOUBLE then return check_float(label, torch, compared) end
  local groups = compared(0)
  judge(label, groups.values, function() return 1e-7 end)
  judge(label, groups.gradients, function() return 1e-7 end)
end

local tests = {}
for name in pairs(makers) do
  for k, dir in ipairs(folders) do
    if ms.sys.exists(dir .. "/" .. name .. ".safetensors") then
      tests[("test_%s_%d"):format(name, k)] = function() check(name, dir) end
    end
  end
end

--- Five steps of Adam with given gradients (Keras' epsilon 1e-7).
function tests.test_adam()
  for _, dir in ipairs(folders) do
    if ms.sys.exists(dir .. "/adam.safetensors") then
      local f = ms.io.load_safetensors(dir .. "/adam.safetensors")
      local p = f.weight:clone():needs_grad()
      local opt = ms.optim.adam({ p }, { lr = 1e-3 })
      local steps = {}
      for k = 1, 5 do
        opt:zero()
        p:backward(f.gradients:slice(1, k, k):reshape { 1000 })
        opt:step()
        steps[k] = p:detach():clone():reshape { 1, 1000 }
      end
      local e = peer.errors { output = { ms.cat(steps, 1), f.output } }
      lu.assertTrue(e.output <= (DOUBLE and 1e-7 or 1e-5), "adam is off by " .. e.output)
    end
  end
end

return tests
