--- Networks as ONNX files: onnxruntime computes what they compute, and what cannot be written is
-- refused by name. Without that program the files' structure is checked.
local lu = require "luaunit"
local ms = require "moonstem"
local protobuf_fields = require "protobuf_fields"
local own_folder = require "own_folder"
local python = require "python"
local models, net, nn, sys = ms.models, ms.net, ms.nn, ms.sys

local raises = lu.assertErrorMsgContains
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- ---- onnxruntime ----------------------------------------------------------------------------
local CHECK = [[
import glob, sys, numpy as np, onnx, onnxruntime
onnxruntime.set_default_logger_severity(3)
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    name = path.split("/")[-1][:-5]
    onnx.checker.check_model(path, full_check=True)
    z = np.load(path[:-4] + "npz")
    s = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for n in len(z["x"]), 1:
        y = s.run(None, {s.get_inputs()[0].name: z["x"][:n]})[0]
        worst = abs(y - z["y"][:n]).max() / max(1, abs(z["y"]).max())
        print(name, "right" if y.shape == z["y"][:n].shape and worst < 1e-4 else f"{worst} off")
]]

-- Numbers away from where they start, so that norms and biases count.
local function stir(model)
  for _, t in ipairs(model:tensors()) do
    local size = t.value:size()
    if t.name:find "running_var" then t.value:copy(ms.uniform(size) + 0.5)
    elseif t.name:find "running_mean" or t.name:find "bias" then
      t.value:copy(ms.randn(size) * 0.1)
    end
  end
  return model
end

-- Writes a network, and an input of three with what comes out.
local function write(name, model, size)
  stir(model)
  size = size or model.input
  local x = ms.uniform { 3, table.unpack(size) }
  local y = model:evaluating(function() return ms.no_grad(function() return (model(x)) end) end)
  if #size == 2 then x = x:reshape { 3, 1, size[1], size[2] } end
  assert(ms.io.save_onnx(("%s/%s.onnx"):format(dir, name), model, { input = size }))
  assert(ms.io.save_npz(("%s/%s.npz"):format(dir, name), { x = x, y = y }))
end

local SMALL_TAIL = { widths = { 4, 4, 4, 4, 4, 4, 8 }, hidden = 8, classes = 3, frames = 192 }
local SMALL_UNET = { widths = { 4, 4, 8, 8, 8, 8 } }

local function joint(more)
  local o = { unet = models.unet(SMALL_UNET), tail = SMALL_TAIL, classes = 3 }
  for key, value in pairs(more or {}) do o[key] = value end
  return models.tagger(o)
end

local function ast(more)
  local o = { kind = "ast", dim = 12, depth = 3, heads = 2, frames = 128, classes = 3 }
  for key, value in pairs(more or {}) do o[key] = value end
  return o
end

local PAPER = {
  unet = function() return models.unet(SMALL_UNET), { 64, 256 } end,
  averages = function() return models.unet { widths = { 4, 8 }, sources = 4, pool = "avg" },
    { 16, 256 } end,
  tail = function() return models.cnn_tail(SMALL_TAIL) end,
  tail_only = function() return models.tail_only { tail = models.cnn_tail(SMALL_TAIL) } end,
  joint = function() return joint(), { 192, 256 } end,
  authors = function() return joint { variant = "authors" }, { 192, 256 } end,
  ast = function()
    return models.tail_only { tail = models.tail(ast { normalise = { mean = -2, deviation = 3 } }) }
  end,
  joint_ast = function()
    return models.tagger { unet = models.unet(SMALL_UNET), tail = ast(), classes = 3 }, { 128, 256 }
  end,
}

-- One layer in two places, whose weight is also a plain factor.
local function shared()
  local conv = nn.conv2d { in_channels = 2, out_channels = 2 }
  return net.module { name = "shared", order = { "a", "b" }, a = conv, b = conv,
    forward = function(self, x)
      return self.b(self.a(x):relu()) * self.a.weight:sum { 1, 2, 3 } + self.a.weight:slice(1, 2, 2)
        :reshape({ 3, 2, 2 }):slice(1, 1, 1):slice(2, 1, 1)
    end }
end

-- Layers that the paper's networks lack.
local function layers()
  local function body(name, ...) return net.chain { name = name, ... } end
  return {
    images = { body("images", nn.conv2d { in_channels = 2, out_channels = 4, kernel = { 3, 5 },
      stride = { 2, 1 }, dilation = { 1, 2 }, groups = 2, padding = { 1, 0 } },
      nn.group_norm { groups = 2, channels = 4 }, nn.gelu {},
      nn.avg_pool { kernel = 2, padding = 1 },
      nn.conv_transpose2d { in_channels = 4, out_channels = 2, kernel = 3, stride = 2, padding = 1,
        output_padding = 1 }, nn.prelu { channels = 2 }), { 9, 14, 2 } },
    strides = { body("strides", nn.conv2d { in_channels = 1, out_channels = 2, stride = { 2, 3 } },
      nn.instance_norm { channels = 2, affine = true }, nn.silu {}), { 7, 11, 1 } },
    waves = { body("waves", nn.weight_norm { layer = nn.conv1d { in_channels = 3, out_channels = 4,
      padding = "same" } }, nn.leaky_relu { slope = 0.2 },
      nn.conv_transpose1d { in_channels = 4, out_channels = 2, kernel = 4, stride = 3 }),
      { 10, 3 } },
    tokens = { body("tokens", nn.transformer_layer { dim = 8, heads = 2, causal = true },
      nn.rms_norm { channels = 8 }, nn.softmax {}), { 5, 8 } },
    lstm = { net.module { name = "m", order = { "a", "b", "c" },
      a = nn.lstm { in_features = 3, hidden = 4, layers = 2, bidirectional = true },
      b = nn.gru { in_features = 8, hidden = 5, bidirectional = true },
      c = nn.rnn { in_features = 10, hidden = 2 },
      forward = function(self, x) return (self.c((self.b((self.a(x)))))) end }, { 6, 3 } },
    states = { net.module { name = "m", order = { "a" }, a = nn.gru { in_features = 3, hidden = 4 },
      forward = function(self, x)
        local _, h = self.a(x)
        return h:permute { 2, 1, 3 }
      end }, { 6, 3 } },
    activations = { body("activations", nn.linear { in_features = 6, out_features = 8 },
      nn.relu6 {},
      nn.elu { alpha = 0.5 }, nn.selu {}, nn.hardswish {}, nn.mish {}, nn.hardsigmoid {},
      nn.softplus { beta = 2 }, nn.logsigmoid {}, nn.hardtanh { low = -0.6, high = -0.2 },
      nn.softsign {}, nn.log_softmax {}, nn.tanh {}), { 6 } },
    shared = { shared(), { 5, 6, 2 } },
    pooled = { body("pooled", nn.conv1d { in_channels = 3, out_channels = 4 },
      net.op("transpose", 2, 3), nn.global_pool { mode = "max" }), { 9, 3 } },
    shapes = { net.module { name = "m", order = {}, forward = function(_, x)
      local y = x:pad({ 1, 2 }, { mode = "reflect" }):clamp(0.1, 0.8):slice(3, 2, 5)
      return (ms.cat({ y, y:sqrt() }, 2):mean(2) - x:amax(2):slice(2, 1, 4)):expand(x:size(1), 4)
        / x:sum { 2, 3 }:unsqueeze(2):pow(2)
    end }, { 3, 6 } },
  }
end

-- Sizes as tests have them: two sizes stand for a magnitude.
local function onnxruntime_agrees(cases)
  python.needs "numpy, onnx, onnxruntime"
  local expected = {}
  for name, case in pairs(cases) do
    write(name, table.unpack(case))
    expected[#expected + 1] = name .. " right\n" .. name .. " right\n"
  end
  table.sort(expected)
  lu.assertEquals(python.run("numpy, onnx, onnxruntime", CHECK, dir), table.concat(expected))
end

function tests.the_papers_networks()
  local cases = {}
  for name, make in pairs(PAPER) do cases[name] = { make() } end
  onnxruntime_agrees(cases)
end

function tests.other_layers()
  onnxruntime_agrees(layers())
end

function tests.networks_of_waves()
  onnxruntime_agrees {
    musicnn = { models.musicnn { classes = 4 } },
    tasnet = { models.conv_tasnet { filters = 16, bottleneck = 8, skip = 8, hidden = 16, layers = 2,
      stacks = 1 }, { 1600 } },
    kong = { models.kong_unet { channels = 1, widths = { 4, 8 }, size = 256, hop = 64 }, { 1024 } },
  }
end

-- ---- structure ------------------------------------------------------------------------------
local function entries(model)
  local all = {}
  for _, bytes in ipairs(model[14]) do
    local entry = protobuf_fields(bytes)
    all[entry[1][1]] = entry[2][1]
  end
  return all
end

function tests.weights_and_front_end_are_in_the_file()
  local model = stir(models.tail_only { tail = models.cnn_tail(SMALL_TAIL) })
  local path = dir .. "/m.onnx"
  lu.assertTrue(ms.io.save_onnx(path, model, { labels = { "épée", "b", "c" },
    metadata = { note = "hello" } }))
  local bytes = sys.read_file(path)
  local file = protobuf_fields(bytes)
  local about, graph = entries(file), protobuf_fields(file[7][1])
  lu.assertEquals({ file[1][1], protobuf_fields(file[8][1])[2][1] }, { 7, 11 })
  lu.assertEquals({ about.labels, about.note, about["front_end.rate"], about["front_end.hop"] },
    { '["épée", "b", "c"]', "hello", "16000", "160" })
  local tensors, state = {}, model:state()
  for _, tensor in ipairs(graph[5]) do
    local t = protobuf_fields(tensor)
    tensors[t[8][1]] = { dims = t[1] or {}, bytes = t[9][1] }
  end
  for name, value in pairs(state) do
    if name:find "conv" and name:find "weight" then value = value:permute { 4, 3, 1, 2 } end
    lu.assertEquals(tensors[name].dims, value:size(), name)
    lu.assertEquals(tensors[name].bytes, value:bytes(), name)
  end
  lu.assertTrue(ms.io.save_onnx(path, model, { labels = { "épée", "b", "c" },
    metadata = { note = "hello" } }))
  lu.assertEquals(sys.read_file(path), bytes) -- the same model gives the same bytes
end

function tests.models_stay_in_their_mode()
  local model = models.unet(SMALL_UNET):train()
  assert(ms.io.save_onnx(dir .. "/m.onnx", model, { input = { 64, 256 } }))
  lu.assertTrue(model.encoder[1].norm[1]:training())
end

-- ---- what cannot be written -----------------------------------------------------------------
local function of(forward, size)
  local fc = nn.linear { in_features = 4, out_features = 4 }
  local model = net.module { name = "odd", order = { "fc" }, fc = fc, forward = forward }
  return ms.io.save_onnx, dir .. "/x.onnx", model, { input = size or { 4 } }
end

function tests.what_cannot_be_written_is_named()
  raises("the operator cumsum cannot be written", of(function(_, x) return x:cumsum(2) end))
  raises("the operator magnitude cannot be written: write the separator's U-Net", ms.io.save_onnx,
    dir .. "/x.onnx", models.separator { widths = { 2 } }, { input = { 1632 } })
  raises("attention with a mask is not written", of(function(self, x)
    return x:attention(2, ms.ones { 4, 4 }) + self.fc.weight:sum()
  end, { 4, 12 }))
  raises("sum over the batch", of(function(_, x) return x - x:sum(1, { keep = true }) end))
  raises("by a way outside the operators", of(function(_, x)
    return x + ms.tensor(x:detach():clone():totable()[1])
  end))
  raises("scale of affine depends on the input", of(function(_, x) return x * x:max() end))
  raises("last of slice depends on the input", of(function(_, x)
    return x:slice(2, 1, x:size(1)):mean(2, { keep = true }) + x
  end))
  raises("in another way for other inputs", of(function(_, x)
    return x:size(1) == 2 and x:relu() or x:relu():exp()
  end))
  raises("does not follow the batch", of(function(_, x)
    return ms.cat({ x, x:slice(1, 1, 1) }, 1)
  end))
  raises("does not use its input", of(function(self, x) return x and self.fc.weight:relu() end))
  raises("does not depend on the input", of(function(self, x)
    return x:relu() and self.fc.weight:relu()
  end))
  raises("say for which input", ms.io.save_onnx, dir .. "/x.onnx", net.chain { name = "c",
    nn.relu {} })
  raises("list of sizes without the batch", of(function(_, x) return x:relu() end, { 0 }))
  raises("a model is expected, got nil", ms.io.save_onnx, dir .. "/x.onnx")
  raises("cannot be called output", ms.io.save_onnx, dir .. "/x.onnx", models.unet(SMALL_UNET),
    { name = "output" })
  raises("did you mean labels?", ms.io.save_onnx, dir .. "/x.onnx", models.unet(SMALL_UNET),
    { label = {} })
  raises("metadata is { name = string }", ms.io.save_onnx, dir .. "/x.onnx",
    models.unet(SMALL_UNET), { input = { 64, 256 }, metadata = { 1 } })
  lu.assertFalse(sys.exists(dir .. "/x.onnx"))
  local ok, why = ms.io.save_onnx(dir .. "/no/x.onnx", models.unet(SMALL_UNET),
    { input = { 64, 256 } })
  lu.assertNil(ok)
  lu.assertStrContains(why, "No such file")
end

-- ---- the command ----------------------------------------------------------------------------
function tests.the_command()
  local run = sys.absolute((arg[0]:match "^(.*)/[^/]*$" or ".") .. "/../golden/run")
  local program = sys.absolute "/proc/self/exe"
  local function export(...)
    return sys.capture { "sh", "-c", 'exec "$0" export "$@" 2>&1', program, ... }
  end
  local status, text = export(run, "-o", dir .. "/x.onnx")
  lu.assertEquals(status, 0, text)
  lu.assertStrMatches(text, ".*x.onnx: tail_only, %d+%.?%d* kB\n")
  local about = entries(protobuf_fields(sys.read_file(dir .. "/x.onnx")))
  lu.assertEquals(about["output.kind"]:match "^logits", "logits")
  status, text = export(run, "-o", dir .. "/x.onnx")
  lu.assertEquals({ status, text:match "exists; %-%-force" }, { 1, "exists; --force" })
  lu.assertEquals(export(run, "-o", dir .. "/x.safetensors"), 0)
  local state = ms.io.load_safetensors(dir .. "/x.safetensors")
  lu.assertEquals(#state["tail.head.linear.2.weight"]:size(), 2)
  status, text = export(run, "-o", dir .. "/x.txt")
  lu.assertEquals({ status, text:match "ends in .onnx, .safetensors" ~= nil }, { 1, true })
  status, text = export(run, "-o", dir .. "/y.onnx", "--frames", "64")
  lu.assertEquals({ status, text:match "%-%-frames is for U%-Nets" ~= nil }, { 1, true })
  lu.assertEquals(export(run), 2)
end

return tests
