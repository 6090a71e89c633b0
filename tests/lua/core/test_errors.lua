--- Every sentence that wrong use of tensors, operators, layers, optimizers, models and scopes can
-- meet. A row is {what a user wrote, the sentence}; `x` and the others below are there for it.
local lu = require "luaunit"
local ms = require "moonstem"

local function closed() local t = ms.zeros { 2 }; t:close(); return t end
local function parameter() return ms.ones { 3 }:needs_grad() end
local function nested(depth) return depth == 0 and 1 or { nested(depth - 1) } end

--- Names of the rows. Models are small: two levels, a tail of two blocks.
local env = setmetatable({
  ms = ms, x = ms.zeros { 2, 3 }, y = ms.zeros { 4, 3 }, image = ms.zeros { 1, 4, 6, 3 },
    empty = ms.zeros { 0, 3 },
  closed = closed, parameter = parameter, nested = nested, nan = 0 / 0, inf = 1 / 0,
  unet = ms.models.unet { widths = { 4, 8 } }, tail = { widths = { 4, 4 }, frames = 12,
    hidden = 8 },
}, { __index = _G })
env.tagger = ms.models.tagger { unet = ms.models.unet { widths = { 4, 8 } }, tail = env.tail }
env.loop = {}
env.loop[1] = env.loop

--- The sentence that a piece of code raises, without the user's place; none is of the library's.
local function sentence(code)
  local _ <close> = ms.scope()
  local f = assert(load(code, "=user", "t", env))
  local ok, message = pcall(f)
  if ok then return "nothing was raised" end
  if type(message) ~= "string" then return "a " .. type(message) .. " was raised" end
  return (message:gsub("^user:%d+: ", ""))
end

local function check(rows)
  return function()
    for _, row in ipairs(rows) do lu.assertEquals(sentence(row[1]), row[2], row[1]) end
  end
end

local tests = {}

tests.test_making = check {
  { "ms.zeros{2, -1}", "zeros: a size must be a whole number, 0 or more, got -1" },
  { "ms.zeros{2, 1.5}", "zeros: a size must be a whole number, 0 or more, got 1.5" },
  { "ms.zeros{nan}", "zeros: a size must be a whole number, 0 or more, got " .. tostring(0 / 0) },
  { "ms.zeros{'2'}", "zeros: a size must be a whole number, 0 or more, got string" },
  { "ms.zeros(nil)", "zeros: a size must be a whole number, 0 or more, got nil" },
  { "ms.zeros{rows = 2}",
    "zeros: sizes are a list such as {2, 3}, got a table without a first one" },
  { "ms.zeros{1, 1, 1, 1, 1, 1, 1, 1, 1}", "zeros: a tensor has at most 8 dimensions, not 9" },
  { "ms.zeros{1 << 40, 1 << 40}", "zeros: a tensor of 1099511627776x1099511627776 is too large" },
  { "ms.zeros{0, 1 << 40}", "zeros: a tensor of 0x1099511627776 is too large" },
  { "ms.tensor()", "tensor: a number or a nested table of numbers is expected, got no value" },
  { "ms.tensor('1')", "tensor: a number or a nested table of numbers is expected, got string" },
  { "ms.tensor{{1, 2}, {3}}", "tensor: the nested tables are not all 2 long at depth 2" },
  { "ms.tensor{{1, 2}, 3}", "tensor: the nested tables are not all 2 long at depth 2" },
  { "ms.tensor{1, '2'}", "tensor: a number is expected inside the table, got string" },
  { "ms.tensor{1, {2}}", "tensor: a number is expected inside the table, got table" },
  { "ms.tensor(nested(9))", "tensor: nested deeper than 8" },
  { "ms.tensor(loop)", "tensor: nested deeper than 8" },
  { "ms.tensor_from({1, 2, 3}, {2, 2})",
    "tensor_from: the list has 3 numbers but the shape holds 4" },
  { "ms.tensor_from({1, true}, {2})",
    "tensor_from: a number is expected inside the table, got boolean" },
  { "ms.from_string('abc', {1})", "from_string: 4 bytes are expected, got 3" },
}

tests.test_reading = check {
  { "closed():size()", "size: this tensor is closed (its scope ended, or close was called)" },
  { "return x:get(1)", "get: the tensor has 2 dimensions but 1 positions are given" },
  { "return x:get(3, 1)", "get: position 3 is outside 1..2" },
  { "return x:get(0, 1)", "get: position 0 is outside 1..2" },
  { "return x:get(1.5, 1)", "bad argument #1 to 'get' (number has no integer representation)" },
  { "x:set(1, 5)", "set: the tensor has 2 dimensions but 1 positions are given" },
  { "x:set(1, 1, 'a')", "bad argument #3 to 'set' (number expected, got string)" },
  { "return x:item()", "item: the tensor holds 2x3, not a single number" },
  { "return x:size(3)", "size: there is no dimension 3; the tensor has 2" },
  { "return empty:max()", "max: the tensor is empty" },
  { "return x[4]", "x[...]: position 4 is outside 1..2 of dimension 1" },
  { "x:copy(y)", "copy: 2x3 cannot hold 4x3" },
  { "x:copy(5)", "bad argument #1 to 'copy' (a tensor is expected, got 5)" },
}

tests.test_operators = check {
  { "return x + y", "add: the shapes 2x3 and 4x3 do not fit together" },
  { "return x * ms.zeros{2}", "mul: the shapes 2x3 and 2 do not fit together" },
  { "return x + nil", "bad argument #2 to 'add' (a tensor is expected, got nil)" },
  { "return true - x", "bad argument #1 to 'sub' (a tensor is expected, got boolean)" },
  { "return x / ms.nn.dropout{}", "bad argument #2 to 'div' (a tensor is expected, got layer)" },
  { "return x + closed()", "add: this tensor is closed (its scope ended, or close was called)" },
  { "return x:relu():nothing()", "x.nothing: there is no such method or field" },
  { "ms.ops.relu()", "bad argument #1 to 'relu' (a tensor is expected, got no value)" },
  { "x:leaky_relu(2)", "leaky_relu: the slope must be 0..1, got 2" },
  { "x:log('a')", "bad argument #1 to 'log' (number expected, got string)" },
  { "x:sum(3)", "sum: there is no dimension 3; the tensor has 2" },
  { "x:sum(1 << 40)", "sum: there is no dimension 1099511627776; the tensor has 2" },
  { "empty:mean()", "mean: the tensor is empty" },
  { "x:reshape{4}", "reshape: 2x3 does not hold as many numbers as 4" },
  { "x:reshape{4, -1}", "reshape: 2x3 does not hold as many numbers as 4x1" },
  { "x:reshape{-1, -1}", "reshape: sizes are whole numbers, 0 or more, and one may be -1, got -1" },
  { "x:reshape{'a'}",
    "reshape: a size or a dimension is a whole number, got string" },
  { "x:reshape{1 << 32, 1 << 32, -1}",
    "reshape: a tensor of 4294967296x4294967296x1 is too large" },
  { "x:slice(1, 2, 1)", "slice: the last position comes before the first" },
  { "x:slice(1, 1, 3)", "slice: position 3 is outside 1..2" },
  { "x:permute{1, 1}", "permute: the order must name each of the 2 dimensions once" },
  { "x:permute{1}", "permute: the order must name each of the 2 dimensions once" },
  { "ms.cat({x, ms.zeros{2, 4}}, 1)", "cat: 2x3 and 2x4 differ beside dimension 1" },
  { "ms.cat({x, ms.zeros{2}}, 1)", "cat: 2x3 and 2 differ beside dimension 1" },
  { "ms.cat({x, 5})", "cat: item 2 of the list must be a tensor, got 5" },
  { "ms.cat{x, closed()}",
    "cat: item 2 of the list is a closed tensor (its scope ended, or close was called)" },
  { "ms.cat{}", "cat: a list of 1 or more tensors is expected, got 0" },
  { "ms.cat(x)", "bad argument #1 to 'cat' (table expected, got moonstem.tensor)" },
  { "ms.cat{ms.tensor(1), ms.tensor(2)}",
    "cat: scalars have no dimension to join along" },
  { "x:matmul(y)", "matmul: 2x3 and 4x3 do not multiply" },
  { "x:linear(y)", "linear: x is 2x3 but the weight is 4x3 (in x out)" },
  { "x:layer_norm(ms.ones{2}, ms.ones{2})",
    "layer_norm: x is 2x3 but the layer's numbers are 2, one for each of its last size" },
  { "ms.tensor(1):softmax()", "softmax: x must have a last dimension, got a number" },
  { "x:attention(1)",
    "attention: x must be batch x token x 3 dim (queries, keys, values), got 2x3" },
  { "ms.zeros{1, 2, 12}:attention(3)",
    "attention: 12 numbers to a token do not divide into 3 times 3 heads" },
  { "ms.zeros{1, 2, 12}:attention(0)",
    "attention: heads must be 1 or more, got 0" },
  { "x:linear(ms.zeros{3, 2}, ms.zeros{3})", "linear: the bias is 3 but the weight is 3x2" },
  { "x:conv2d(y)", "conv2d: x must be batch x time x frequency x channel, got 2x3" },
  { "image:conv2d(ms.zeros{3, 3, 1, 8})",
    "conv2d: x has 3 channels but the kernel expects 1 (x 1x4x6x3, w 3x3x1x8)" },
  { "image:conv2d(x)", "conv2d: the kernel must be height x width x in x out (x 1x4x6x3, w 2x3)" },
  { "image:conv2d(ms.zeros{3, 3, 3, 8}, x)",
    "conv2d: the bias must have one number for each output channel (x 1x4x6x3, w 3x3x3x8)" },
  { "image:conv2d(ms.zeros{9, 9, 3, 8}, nil, {same = false})",
    "conv2d: the kernel does not fit into x (x 1x4x6x3, w 9x9x3x8)" },
  { "image:conv2d(ms.zeros{3, 3, 3, 0})", "conv2d: nothing to convolve (x 1x4x6x3, w 3x3x3x0)" },
  { "image:conv2d(ms.zeros{3, 3, 3, 8}, nil, {strid = 2})",
    "conv2d: there is no option strid; did you mean stride?" },
  { "image:conv2d(ms.zeros{3, 3, 3, 8}, nil, {stride = 0})",
    "conv2d: option stride must be a whole number or two, 1 or more, got 0" },
  { "image:conv2d(ms.zeros{3, 3, 3, 8}, nil, 2)", "conv2d: options are a table, got number; \z
    there are stride, padding, dilation, groups and same" },
  { "image:conv_transpose2d(ms.zeros{2, 2, 4, 8})",
    "conv_transpose2d: x has 3 channels but the kernel expects 4 (x 1x4x6x3, w 2x2x4x8)" },
  { "x:max_pool2d()", "max_pool2d: x must be batch x time x frequency x channel, got 2x3" },
  { "image:max_pool2d(5)", "max_pool2d: a window of 5x5 does not fit x 1x4x6x3" },
  { "image:avg_pool2d(0)", "avg_pool2d: ph must be 1 or more, got 0" },
  { "x:stft()", "stft: the wave must be ... x samples with at least 512 samples, got 2x3" },
  { "x:istft()", "istft: the spectrum must be ... x frames x 257 x 2, got 2x3" },
  { "x:mask_spectrum(y)", "mask_spectrum: a spectrum of batch x frames x 257 x 2 and a mask of \z
    batch x frames x 256 x sources "
    .. "are expected, got 2x3 and 4x3" },
  { "ms.loss.l1(x, y)", "l1: the prediction is 2x3 but the target is 4x3" },
  { "ms.loss.bce_with_logits(empty, empty)", "bce_with_logits: the tensors are empty" },
  { "ms.loss.cross_entropy(x, y)",
    "cross_entropy: logits must be batch x class and classes batch, got 2x3 and 4x3" },
  { "ms.loss.cross_entropy(x, ms.tensor{1, 4})", "cross_entropy: class 4 is not one of 1..3" },
}

tests.test_gradients = check {
  { "x:backward()", "backward: the loss must be a single number, got 2x3" },
  { "x:sum():backward()",
    "backward: nothing to differentiate; no tensor in the computation needs a gradient" },
  { "local l = parameter():sum(); l:backward(); l:backward()",
    "backward: the graph below sum was freed by an earlier backward; compute the loss again" },
  { "(parameter() * 2):backward(x)", "backward: the gradient is 2x3 but the tensor is 3" },
  { "local l; ms.no_grad(function() l = parameter():sum() end); l:backward()",
    "backward: nothing to differentiate; no tensor in the computation needs a gradient" },
  { "ms.no_grad(5)", "bad argument #1 to 'no_grad' (function expected, got number)" },
}

tests.test_layers = check {
  { "ms.nn.conv2d()", "conv2d: the option in_channels is needed, a whole number, 1 or more" },
  { "ms.nn.conv2d{in_channels = 3}",
    "conv2d: the option out_channels is needed, a whole number, 1 or more" },
  { "ms.nn.conv2d{in_channels = 3, out_channels = 0}",
    "conv2d: option out_channels must be a whole number, 1 or more, got 0" },
  { "ms.nn.conv2d{in_ = 3, out_channels = 4}",
    "conv2d: there is no option in_; did you mean in_channels?" },
  { "ms.nn.conv2d{in_channels = 'three', out_channels = 4}",
    "conv2d: option in_channels must be a whole number, 1 or more, got \"three\"" },
  { "ms.nn.conv2d{in_channels = 2.5, out_channels = 4}",
    "conv2d: option in_channels must be a whole number, 1 or more, got 2.5" },
  { "ms.nn.conv2d{in_channels = 3, out_channels = 4, kernel = {3}}",
    "conv2d: option kernel must be a whole number or two, 1 or more, got table" },
  { "ms.nn.conv2d{in_channels = 3, out_channels = 4, stride = -1}",
    "conv2d: option stride must be a whole number or two, 1 or more, got -1" },
  { "ms.nn.conv2d{in_channels = 3, out_channels = 4, bias = 1}",
    "conv2d: option bias must be true or false, got 1" },
  { "ms.nn.conv2d{in_channels = 1 << 30, out_channels = 1 << 30}(image)",
    "conv2d: uniform: a tensor of 3x3x1073741824x1073741824 is too large" },
  { "ms.nn.linear{3, 4}", "linear: options are written as name = value, got the key 1" },
  { "ms.nn.linear(5)", "linear: options are a table, got 5; linear{in_features =, \z
    out_features =}" },
  { "ms.nn.batch_norm{channels = 3, slope = 2}",
    "batch_norm: option slope must be a number from 0 to 1, got 2" },
  { "ms.nn.batch_norm{channels = 3, epsilon = 0}",
    "batch_norm: option epsilon must be a number above 0, got 0" },
  { "ms.nn.batch_norm{channels = 3, momentum = nan}",
    ("batch_norm: option momentum must be a number from 0 to 1, got %s"):format(tostring(0 / 0)) },
  { "ms.nn.dropout{p = 1}", "dropout: option p must be a number from 0 to below 1, got 1" },
  { "ms.nn.conv2d{in_channels = 1, out_channels = 4}(image)",
    "conv2d: x has 3 channels but the kernel expects 1 (x 1x4x6x3, w 3x3x1x4)" },
  { "ms.nn.linear{in_features = 4, out_features = 2}(x)",
    "linear: x is 2x3 but the weight is 4x2 (in x out)" },
  { "ms.nn.batch_norm{channels = 4}(x)",
    "batch_norm: x has 3 channels but the layer has 4 (x 2x3, gamma 4)" },
  { "ms.nn.batch_norm{channels = 3}(ms.zeros{1, 3})",
    "batch_norm: one value per channel has no variance; use a larger batch or eval()" },
  { "ms.nn.batch_norm{channels = 3}(empty)", "batch_norm: nothing to normalise (x 0x3)" },
  { "ms.nn.linear{in_features = 4, out_features = 2}:max_pool2d(image)",
    "max_pool2d: of a batch_norm, not a linear" },
  { "ms.nn.linear{in_features = 4, out_features = 2}:after(ms.nn.batch_norm{channels = 3}, x)",
    "after: a conv2d follows a batch_norm, not a linear a batch_norm" },
  { "ms.nn.layer_norm{channels = 3, epsilon = 0}",
    "layer_norm: option epsilon must be a number above 0, got 0" },
  { "ms.nn.layer_norm{}", "layer_norm: the option channels is needed, a whole number, 1 or more" },
  { "ms.nn.attention{dim = 10, heads = 3}", "attention: a dim of 10 does not divide into 3 heads" },
  { "ms.nn.parameter{}", "parameter: the option size is needed, a table" },
  { "ms.nn.linear{in_features = 4, out_features = 2}()", "linear: x must be a tensor, got nil" },
  { "ms.nn.linear{in_features = 4, out_features = 2}({1})",
    "linear: x must be a tensor, got table" },
}

tests.test_measures = check {
  { "ms.metrics.summary(3)", "summary: values must be a tensor or a list of numbers, got number" },
  { "ms.metrics.summary{1, 'a'}", "summary: value 2 must be a number or false, got string" },
  { "ms.statistics.bootstrap(3, print)",
    "bootstrap: items must be a tensor or a list, got number" },
  { "ms.statistics.bootstrap({1, 2}, 3)",
    "bootstrap: statistic must be a function of a list, got number" },
  { "ms.statistics.bootstrap_difference({1}, 2)",
    "bootstrap_difference: b must be a tensor or a list, got number" },
  { "ms.statistics.bootstrap_ranking({1}, true)",
    "bootstrap_ranking: labels must be a tensor or a list, got boolean" },
  { "ms.audio.read('a.wav', {length = 0})", "audio.read: length must be above 0 seconds" },
  { "ms.audio.open('a.wav', {length = 0})", "audio.open: length must be above 0 seconds" },
}

tests.test_optimizers = check {
  { "ms.optim.adam()", "adam: the option lr is needed, 0 or more" },
  { "ms.optim.adam(5, {lr = 1})",
    "adam: a list of parameters is expected, as m:parameters() gives, got number" },
  { "ms.optim.adam(unet:state(), {lr = 1})",
    "adam: a list of parameters is expected, as m:parameters() gives, got a table of names" },
  { "ms.optim.adam({parameter()}, {})", "adam: the option lr is needed, 0 or more" },
  { "ms.optim.adam({parameter()}, {lr = nan})", "adam: lr must be a number, 0 or more, got "
    .. tostring(0 / 0) },
  { "ms.optim.adam({parameter()}, {lr = 1, beta1 = 1})",
    "adam: beta1 must be 0..1 (below 1), got 1.0" },
  { "ms.optim.sgd({parameter()}, {lr = 1, momentum = -1})",
    "sgd: momentum must be 0..1 (below 1), got -1.0" },
  { "ms.optim.sgd({parameter()}, {learning_rate = 1})",
    "sgd: there is no option learning_rate; did you mean lr?" },
  { "ms.optim.sgd({x}, {lr = 1})", "sgd: parameter 1 does not collect a gradient" },
  { "ms.optim.sgd({parameter(), 5}, {lr = 1})", "sgd: parameter 2 must be a tensor, got 5" },
  { "ms.optim.sgd({{name = 'a'}}, {lr = 1})", "sgd: parameter 1 must be a tensor, got nil" },
  { "ms.optim.sgd({parameter()}, {lr = 1}).lr = 'a'",
    "sgd: option lr must be a number, got string" },
  { "ms.optim.sgd({parameter()}, {lr = 1}).lr = -1",
    "sgd: lr must be a number, 0 or more, got -1.0" },
  { "ms.optim.sgd({parameter()}, {lr = 1}).momentum = 1",
    "sgd: momentum must be 0..1 (below 1), got 1.0" },
  { "ms.optim.sgd({parameter()}, {lr = 1}).steps = 1",
    "optimizer: only options of sgd can be set, such as lr, not steps" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):load{}", "optimizer: the state has no 1/velocity" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):load{['1/velocity'] = x}",
    "optimizer: 1/velocity is 2x3 in the state but 3 here" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):load{['1/velocity'] = 5}",
    "optimizer: 1/velocity in the state must be a tensor, got 5" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):load{['1/velocity'] = parameter()}",
    "optimizer: steps in the state must be a whole number, 0 or more" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):load{['1/velocity'] = parameter(), steps = 1, more = x}",
    "optimizer: the state has 2 tensors but sgd keeps 1" },
  { "local function p() return {name = 'a', value = parameter()} end ms.optim.sgd({p(), p()}, {lr \z
    = 1}):state()", "optimizer: two parameters share the name of a/velocity" },
  { "ms.optim.sgd({parameter() * 2}, {lr = 1})",
    "sgd: parameter 1 is the result of an operator, with which no gradient stays" },
  { "ms.optim.sgd({parameter()}, {lr = 1}):step()",
    "step: no parameter has a gradient; call backward before" },
  { "(parameter() * 2):needs_grad()",
    "needs_grad: the result of an operator keeps no gradient; detach() it to make a leaf of it" },
}

tests.test_models = check {
  { "unet()", "unet: the magnitude must be a tensor, got nil" },
  { "unet:forward()", "the magnitude must be a tensor, got nil" },
  { "unet:forward(closed())",
    "the magnitude is a closed tensor (its scope ended, or close was called)" },
  { "ms.explain(unet, 'x')", "explain: the size is a list such as {1, 512, 256}, got string" },
  { "ms.explain(unet, {1, 'x'})",
    "explain: a size must be a whole number, 0 or more, got string" },
  { "unet:summary(3)", "summary: the size is a list such as {1, 512, 256}, got number" },
  { "ms.models.tagger{}",
    "tagger: the option unet is needed: a U-Net, as ms.models.unet{} makes, got nil" },
  { "unet(x)", "unet: the magnitude must be batch x time x frequency, got 2x3" },
  { "unet(ms.zeros{1, 6, 8})", "unet: time and frequency must be multiples of 4, got 1x6x8" },
  { "unet(ms.zeros{0, 4, 8})",
    "unet.encoder.1.norm.1: batch_norm: nothing to normalise (x 0x4x8x1)" },
  { "unet.encoder[1](image)",
    "unet.encoder.1.norm.1: batch_norm: x has 3 channels but the layer has 1 \z
      (x 1x4x6x3, gamma 1)" },
  { "unet.encoder[2].conv[1](image)",
    "unet.encoder.2.conv.1: conv2d: x has 3 channels but the kernel expects 4 (x 1x4x6x3, w \z
      3x3x4x8)" },
  { "tagger.unet.decoder[2].up(image)",
    "tagger.unet.decoder.2.up: conv_transpose2d: x has 3 channels but the kernel expects 12 \z
      (x 1x4x6x3, w 2x2x12x4)" },
  { "tagger(ms.zeros{1, 12, 255})",
    "tagger: the magnitude must be batch x frames x 256, got 1x12x255" },
  { "tagger(ms.zeros{1, 13, 256})",
    "tagger.unet: time and frequency must be multiples of 4, got 1x13x256" },
  { "tagger(ms.zeros{1, 24, 256})",
    "tagger.tail: the image must be batch x 12 x 128 x 2, got 1x24x128x2" },
  { "tagger.adapt(2, image, ms.zeros{1, 8, 12, 8})",
    "tagger.adapt: add: the shapes 1x4x6x3 and 1x8x6x4 do not fit together" },
  { "ms.models.separator{unet = unet}(ms.zeros{600})",
    "separator: the wave must be batch x samples, got 600" },
  { "ms.models.separator{widths = {2}}(ms.zeros{1, 100})",
    "separator: magnitude: the wave must be ... x samples with at least 512 samples, got 1x100" },
  { "ms.models.separator{widths = {2}}(ms.zeros{1, 600})",
    "separator.unet: time and frequency must be multiples of 2, got 1x1x256" },
  { "ms.models.unet{widthss = {1}}", "unet: there is no option widthss; did you mean widths?" },
  { "ms.models.unet{widths = {4}, levels = 3}",
    "unet: give widths, or levels and width, not both" },
  { "ms.models.unet{sources = '2'}",
    'unet: option sources must be a whole number, 1 or more, got "2"' },
  { "ms.models.tagger{unet = unet, tail = tail, classes = '50'}",
    'tagger: option classes must be a whole number, 1 or more, got "50"' },
  { "ms.models.tagger{unet = unet, tail = tagger.tail, classes = 20}",
    "tagger: classes is 20, but the tail that is given has 50" },
  { "ms.audio.write('x.wav', ms.zeros{10})",
    "audio.write: the rate in Hz is needed behind the wave" },
  { "ms.models.unet{}(ms.zeros{1, 64, 64} - 0.5)",
    "unet: magnitudes are 0 or more, got -0.5; ms.audio.magnitude gives those of waves" },
  { "ms.models.unet(5)", "unet: options are a table, got 5" },
  { "ms.models.unet{widths = {}}", "unet: widths must be a list of whole numbers, 1 or more" },
  { "ms.models.unet{widths = {4, 'a'}}",
    "unet: widths must be a list of whole numbers, 1 or more" },
  { "ms.models.unet{levels = 0}", "unet: option levels must be a whole number, 1 or more, got 0" },
  { "ms.models.unet{sources = 0}",
    "unet: option sources must be a whole number, 1 or more, got 0" },
  { "ms.models.unet{pool = 'mean'}", 'unet: option pool must be "max" or "avg", got "mean"' },
  { "ms.models.separator{unet = 5}",
    "separator: the option unet is needed: a U-Net, as ms.models.unet{} makes, got number" },
  { "ms.models.separator{unet = unet, sources = 4}",
    "separator: sources is an option of the U-Net, which is given" },
  { "ms.models.tagger()",
    "tagger: the option unet is needed: a U-Net, as ms.models.unet{} makes, got nil" },
  { "ms.models.tagger{unet = unet, tail = 5}",
    "tagger: tail must be the options of a tail, or a tail, got number" },
  { "ms.models.tagger{unet = unet, variant = 'ours'}",
    'tagger: option variant must be "paper" or "authors", got "ours"' },
  { "ms.models.tagger{unet = unet, tail = {clases = 5}}",
    "tagger: cnn_tail: there is no option clases; did you mean classes?" },
  { "ms.models.tail_only{}",
    "tail_only: the option tail is needed: a tail, as ms.models.cnn_tail{} makes, got nil" },
  { "ms.models.tail{kind = 'rnn'}", 'tail: kind must be "cnn" or "ast", got rnn' },
  { "ms.models.ast_tail{frames = 100}",
    "ast_tail: frames must be a multiple of the 16 of its patches, got 100" },
  { "ms.models.ast_tail{depth = 0}",
    "ast_tail: option depth must be a whole number, 1 or more, got 0" },
  { "ms.models.ast_tail{kind = 'cnn'}", "ast_tail: kind must be ast, got cnn" },
  { "ms.models.ast_tail{normalise = 5}", "ast_tail: option normalise must be a table, got 5" },
  { "ms.models.ast_tail{normalise = {mean = 1}}",
    "ast_tail: normalise needs a mean and a deviation above 0, got 1 and nil" },
  { "ms.models.ast_tail{dim = 24, heads = 3, depth = 1, frames = 32}(image)",
    "tail: the image must be batch x 32 x 128 x 1, got 1x4x6x3" },
  { "ms.models.tagger{unet = unet, tail = {kind = 'rnn'}}",
    'tagger: tail: kind must be "cnn" or "ast", got rnn' },
  { "ms.models.tagger{unet = unet, tail = {kind = 'ast'}, variant = 'authors'}",
    "tagger: the authors' variant has a CNN tail only" },
  { "ms.models.imagenet.load(unet, 'x.safetensors')", "imagenet: the model has no AST tail" },
  { "ms.models.cnn_tail{frames = 100}",
    "cnn_tail: frames must be a multiple of the 192 of its pooling, got 100" },
  { "ms.models.cnn_tail{widths = {1, 1, 1, 1, 1, 1, 1, 1}}",
    "cnn_tail: at most 7 widths, a block each that halves 128 bands, got 8" },
  { "unet:load()", "unet.load: a state {name = tensor} is expected, got nil" },
  { "unet:load{}",
    "unet.load: the state lacks 66 of the model's tensors, first decoder.1.conv.1.bias" },
  { "local s = unet:state(); s['final.mask.bias'] = nil; unet:load(s)",
    "unet.load: the state lacks 1 of the model's tensors, first final.mask.bias" },
  { "local s = unet:state(); s.b, s.a = x, x; unet:load(s)",
    "unet.load: the state has 2 tensors that the model lacks, first a" },
  { "local s = unet:state(); s['final.mask.bias'] = x; unet:load(s)",
    "unet.load: final.mask.bias is 2x3 in the state but 1 in the model" },
  { "local s = unet:state(); s['final.mask.bias'] = 5; unet:load(s)",
    "unet.load: final.mask.bias in the state is no open tensor" },
  { "unet:load({}, {strickt = true})", "load: there is no option strickt; did you mean strict?" },
  { "ms.net.module{name = 'a'}",
    "net.module: name (a string), forward (a function) and order (a list of names) are needed" },
  { "ms.net.module{name = 'a', forward = print, order = {'b'}}",
    "module: a: order names b, but there is no such child" },
}

tests.test_machine = check {
  { "ms.threads(0)", "threads must be 1..256, got 0" },
  { "ms.threads((1 << 32) + 1)", "threads must be 1..256, got 0" },
  { "ms.memory_limit(-1)", "memory_limit: bytes must be 0 or more, got -1" },
  { "ms.random.shuffle(1, 'a', 1, 1 << 40)",
    "random.shuffle: n must be 0..100000000, got 1099511627776" },
  { "ms.random.integer(1, 'a', 1, 1, 0)", "random.integer: n must be 1 or more, got 0" },
  { "ms.options({a = 1}, 'me', {})", "me: takes no options" },
  { "ms.options({a = 1}, 'me', {b = 5})", "me: there is no option a; there is b" },
  { "ms.options({5}, 'me', {b = 5})", "me: options are written as name = value, got the key 1" },
  { "ms.options({b = '5'}, 'me', {b = 5})", 'me: option b must be a whole number, got "5"' },
  { "ms.options({b = nan}, 'me', {b = 0.5})", "me: option b must be a number, got "
    .. tostring(0 / 0) },
  { "ms.options({b = 0}, 'me', {b = ms.options.count(5)})",
    "me: option b must be a whole number, 1 or more, got 0" },
  { "ms.keep(5)", "bad argument #1 to 'keep' (a tensor is expected, got 5)" },
  { "ms.scope().keep(5)", "bad argument #1 to 'keep' (moonstem.scope expected, got number)" },
  { "x.close(ms.scope())", "bad argument #1 to 'close' (a moonstem object is expected)" },
  { "ms.io.load_npy(5)", "bad argument #1 to 'load_npy' (a file name is expected, got 5)" },
  { "ms.io.load_npy('a\\0b')", "bad argument #1 to 'load_npy' (a file name holds no zero byte)" },
}

--- Loading is all or nothing.
function tests.test_load_changes_nothing_when_it_fails()
  local unet = ms.models.unet { widths = { 2 }, seed = 1 }
  local other, before = ms.models.unet { widths = { 2 }, seed = 2 }:state(),
    unet.final.mask.weight:bytes()
  other["final.norm.1.weight"] = ms.zeros { 9 }
  lu.assertErrorMsgContains("is 9 in the state but 3 in the model", unet.load, unet, other)
  lu.assertEquals(unet.final.mask.weight:bytes(), before)
end

--- Sums over nothing are zeros, forward and backward.
function tests.test_empty_sums()
  local x, w, b = ms.zeros { 3, 0 }:needs_grad(), ms.zeros { 0, 2 }:needs_grad(),
    ms.tensor { 1, 2 }:needs_grad()
  lu.assertEquals((x:linear(w, b)):totable(), { { 1, 2 }, { 1, 2 }, { 1, 2 } })
  lu.assertEquals((x:linear(w)):totable(), { { 0, 0 }, { 0, 0 }, { 0, 0 } })
  lu.assertEquals((x:matmul(w)):totable(), { { 0, 0 }, { 0, 0 }, { 0, 0 } });
  (x:linear(w, b):sum() + x:matmul(w):sum()):backward()
  lu.assertEquals(b.grad:totable(), { 3, 3 })
  lu.assertEquals({ x.grad:shape(), w.grad:shape() }, { "3x0", "0x2" })
  local none = ms.zeros { 0, 2 }:linear(ms.ones { 2, 2 }:needs_grad(), b)
  none:backward(none:clone())
  lu.assertEquals(ms.cat({ x, ms.ones { 3, 1 }, x }, 2):totable(), { { 1 }, { 1 }, { 1 } })
  lu.assertEquals(ms.cat({ x, x }, 2):shape(), "3x0")
end

--- A size beyond the machine's memory is refused before anything is written to it.
function tests.test_memory_is_refused()
  local limit = ms.memory_limit()
  lu.assertErrorMsgContains("no memory for", ms.zeros, { limit // 4 + 1 })
  ms.memory_limit(ms.memory().live + (8 << 20))
  lu.assertErrorMsgContains("no memory for 16.0 MiB more (", ms.zeros, { 4 << 20 })
  ms.memory_limit(0)
  lu.assertEquals(ms.memory_limit(), limit)
  ms.zeros { 4 << 20 }:close()
end

--- Forward functions of one's own keep their places; what is thrown and no text passes unchanged.
function tests.test_own_modules()
  local function mine(forward)
    return ms.net.module { name = "mine", order = {}, forward = forward }
  end
  local outer = ms.net.module { name = "outer", order = { "inner" }, inner = mine(function()
    error "wrong"
  end),
    forward = function(self) return self.inner() end }
  local ok, message = pcall(outer)
  lu.assertFalse(ok)
  lu.assertStrMatches(message, "outer%.inner: [^:]*test_errors%.lua:%d+: wrong")
  local thrown = {}
  ok, message = pcall(mine(function() error(thrown) end))
  lu.assertTrue(not ok and message == thrown)
end

-- A slip of the pen does not choose other kernels.
function tests.unknown_instruction_sets_are_refused()
  local command = ("MOONSTEM_CPU=axv2 '%s' -e 1 2>&1; echo $?"):format(ms.sys.absolute
    "/proc/self/exe")
  local pipe <close> = assert(io.popen(command))
  lu.assertEquals(pipe:read "a",
    "moonstem: there is no MOONSTEM_CPU=axv2: portable, avx2 and avx512 are known\n2\n")
end

return tests
