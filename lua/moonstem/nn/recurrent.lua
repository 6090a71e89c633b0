--- Recurrent layers over sequences (batch, time, channels): plain cells, LSTM, GRU.
local core = require "moonstem.core.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local SIZE = options_of.needed(options_of.count)
local APART = 0x9E3779B97F4A7C15 -- between the streams of two steps, and of two directions
local MASKS = 1 << 20            -- between the streams of weights and those of dropout
local MOST = 1000                -- layers

local function known(more)
  return options_of.merge({ in_features = SIZE, hidden = SIZE, layers = options_of.count(1),
    bidirectional = false, dropout = options_of.fraction(0), bias = true, init = init.kind,
    seed = options_of.whole }, more)
end

local function directions(o) return o.bidirectional and 2 or 1 end

-- What a matrix for each direction starts from, size {directions, in, out}: each by itself.
local function for_each_direction(of, size)
  local one = of { size[2], size[3] }
  return { size = size, draw = function(seed, stream)
    local _ <close> = core.scope()
    local parts = {}
    for d = 1, size[1] do parts[d] = one.draw(seed, stream + (d - 1) * APART) end
    return core.keep(core.ops.cat(parts, 1):reshape(size))
  end }
end

-- Lists of parameters: weight_ih.1, weight_hh.1, bias_ih.1, bias_hh.1, weight_ih.2, ...
local function parameters(gates)
  return function(o)
    local list, k, d = {}, 1 / math.sqrt(o.hidden), directions(o)
    if o.layers > MOST then error(("at most %d layers, got %d"):format(MOST, o.layers), 0) end
    local function torch(size) return init.uniform(size, -k, k) end
    local of = o.init and init.of(o.init) or torch
    local bias = o.bias and (o.init and init.zeros or torch)
    for l = 1, o.layers do
      local width = l == 1 and o.in_features or d * o.hidden
      local all = gates * o.hidden
      for _, p in ipairs {
        { "weight_ih", for_each_direction(of, { d, width, all }) },
        { "weight_hh", for_each_direction(of, { d, o.hidden, all }) },
        { "bias_ih", bias and bias { d, all } }, { "bias_hh", bias and bias { d, all } },
      } do
        list[#list + 1] = { p[1] .. "." .. l, p[2] }
      end
    end
    return list
  end
end

-- Numbers first .. first + count - 1 of a row in a shape.
local function part(row, first, size)
  local count = 1
  for _, n in ipairs(size) do count = count * n end
  if count == 0 then return core.zeros(size) end
  return row:slice(1, first, first + count - 1):reshape(size)
end

local function check_state(self, name, state, batch)
  local o = self.options
  local expected = { o.layers * directions(o), batch, o.hidden }
  if state == nil then return end
  core.check_tensor(state, ("%s: %s"):format(self:kind(), name))
  local size = state:size()
  if #size ~= 3 or size[1] ~= expected[1] or size[2] ~= batch or size[3] ~= expected[3] then
    error(("%s: %s must be %s (layers x directions, batch, hidden), got %s"):format(self:kind(),
      name, table.concat(expected, "x"), state:shape()), 0)
  end
end

local function check_input(self, x)
  if #x:size() ~= 3 or x:size(3) ~= self.options.in_features then
    error(("%s: x must be batch x time x %d channels, got %s"):format(self:kind(),
      self.options.in_features, x:shape()), 0)
  end
end

local function state_of(state, k, d) return state and state:slice(1, (k - 1) * d + 1, k * d) end

-- y, the last h and (where `has_cell`) the last c of layer k.
local function run_layer(self, x, k, given, call, has_cell)
  local o, d = self.options, directions(self.options)
  local row <close> = call(self, x, k, state_of(given.h, k, d), state_of(given.c, k, d),
    given.lengths)
  local y_size, state = { x:size(1), x:size(2), d * o.hidden }, { d, x:size(1), o.hidden }
  local y_count, state_count = y_size[1] * y_size[2] * y_size[3], state[1] * state[2] * state[3]
  return part(row, 1, y_size), part(row, y_count + 1, state),
    has_cell and part(row, y_count + state_count + 1, state) or nil
end

local function dropped(self, y, k)
  local p = self.options.dropout
  if p == 0 or not self.is_training then return y end
  return y:dropout(p, self.seed, self.stream + k * MASKS + core.step() * APART)
end

local function joined(states) return #states == 1 and states[1] or core.ops.cat(states, 1) end

-- forward(self, x, given) around call(self, x, k, h, c, lengths), which runs one layer's operator.
local function forward(call, has_cell)
  local takes = { h = options_of.any, lengths = options_of.any,
    c = has_cell and options_of.any or nil }
  return function(self, x, given)
    given = options_of(given, self:kind(), takes)
    check_input(self, x)
    check_state(self, "h", given.h, x:size(1))
    check_state(self, "c", given.c, x:size(1))
    local hs, cs, y = {}, {}, x
    for k = 1, self.options.layers do
      if k > 1 then y = dropped(self, y, k) end
      y, hs[k], cs[k] = run_layer(self, y, k, given, call, has_cell)
    end
    if has_cell then return y, joined(hs), joined(cs) end
    return y, joined(hs)
  end
end

local function weights(self, k)
  local bias = self.options.bias
  return self["weight_ih." .. k], self["weight_hh." .. k], bias and self["bias_ih." .. k] or nil,
    bias and self["bias_hh." .. k] or nil
end

--- ms.nn.lstm{in_features =, hidden =, layers = 1, bidirectional = false, dropout = 0, bias = true,
-- init = nil, seed = nil} -> layer: y, h, c = lstm(x, {h =, c =, lengths =})
-- x (batch, time, in_features) to y (batch, time, hidden), of both directions side by side 2
-- hidden, and the last h and c (layers x directions, batch, hidden), as PyTorch's with batch_first;
-- in a chain y alone. h and c: states to begin with, of that shape; 0 without. lengths: a list or a
-- tensor of whole numbers, one for each sequence; steps behind them change no state, and y is 0
-- there. dropout: a share of what one layer gives the next, while training. Parameters of layer k:
-- weight_ih.k (directions, in, 4 hidden), weight_hh.k (directions, hidden, 4 hidden), bias_ih.k and
-- bias_hh.k (directions, 4 hidden), in them the gates i, f, g, o: PyTorch's weight_ih_l0 and
-- weight_ih_l0_reverse, transposed and stacked, are weight_ih.1. They start as PyTorch's, uniform
-- within 1 / sqrt(hidden); init: the name of another start (ms.nn.init) for weights, with biases
-- 0. seed: as ms.nn.conv2d's.
layer.define {
  name = "lstm", options = known(), parameters = parameters(4),
  forward = forward(function(self, x, k, h, c, lengths)
    local ih, hh, bias_ih, bias_hh = weights(self, k)
    return x:lstm_layer(ih, hh, bias_ih, bias_hh, h, c, lengths)
  end, true),
}

--- ms.nn.gru{in_features =, hidden =, layers = 1, bidirectional = false, dropout = 0, bias = true,
-- init = nil, seed = nil} -> layer: y, h = gru(x, {h =, lengths =})
-- As ms.nn.lstm without c; the gates are r, z, n, and n = tanh(W x + r (U h + bias_hh)), as in
-- PyTorch and cuDNN.
layer.define {
  name = "gru", options = known(), parameters = parameters(3),
  forward = forward(function(self, x, k, h, _, lengths)
    local ih, hh, bias_ih, bias_hh = weights(self, k)
    return x:gru_layer(ih, hh, bias_ih, bias_hh, h, lengths)
  end),
}

--- ms.nn.rnn{in_features =, hidden =, nonlinearity = "tanh", layers = 1, bidirectional = false,
-- dropout = 0, bias = true, init = nil, seed = nil} -> layer: y, h = rnn(x, {h =, lengths =})
-- As ms.nn.lstm without c, of plain cells: h' = tanh(W x + bias_ih + U h + bias_hh), or relu.
layer.define {
  name = "rnn", options = known { nonlinearity = options_of.choice("tanh", "relu")("tanh") },
  parameters = parameters(1),
  forward = forward(function(self, x, k, h, _, lengths)
    local ih, hh, bias_ih, bias_hh = weights(self, k)
    return x:rnn_layer(ih, hh, bias_ih, bias_hh, h, lengths,
      { nonlinearity = self.options.nonlinearity })
  end),
}
