--- The short-chunk CNN tail (paper, section 3.2; recipes/paper.md#the-cnn-tail): seven blocks of
-- two 3x3 convolutions, each with batch norm and ReLU, and max pooling; a hidden linear layer;
-- logits.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local PAPER_WIDTHS = { 64, 64, 128, 128, 128, 128, 256 }
local MELS = 128

local function norm(channels)
  return nn.batch_norm { channels = channels, slope = 0 } -- slope 0: ReLU
end

local function conv(inputs, out)
  return nn.conv2d { in_channels = inputs, out_channels = out }
end

local function linear(inputs, out)
  return nn.linear { in_features = inputs, out_features = out }
end

local function block(inputs, out, pool_time)
  return net.chain { name = "block", conv(inputs, out), norm(out), conv(out, out), norm(out),
    net.op("max_pool2d", pool_time, 2) }
end

local flat = net.op(function(x) return x:reshape { x:size(1), -1 } end)

local function head(inputs, hidden, classes, dropout)
  return net.chain { name = "head", flat, linear(inputs, hidden), norm(hidden),
    nn.dropout { p = dropout }, linear(hidden, classes) }
end

--- Images of another size would only fail where they meet the head.
local function check(x, frames, channels)
  local s = core.check_tensor(x, "the image"):size()
  if #s ~= 4 or s[2] ~= frames or s[3] ~= MELS or s[4] ~= channels then
    local text = "the image must be batch x %d x %d x %d, got %s"
    error(text:format(frames, MELS, channels, x:shape()), 0)
  end
end

--- Blocks pool 2x2, the last one 3x2 (time x frequency). Before block k >= 2 join(k, x), if given,
-- may change the input.
local function chain(o, features)
  local list = { name = "tail", input = { o.frames, MELS, o.channels } }
  list[1] = function(x)
    check(x, o.frames, o.channels)
    return x
  end
  local inputs = o.channels
  for k, out in ipairs(o.widths) do
    if k > 1 then
      list[#list + 1] = net.op(function(x, join) return join and join(k, x) or x end)
    end
    inputs = inputs + (o.extra_channels[k] or 0)
    list[#list + 1] = { ["block."] = block(inputs, out, k == #o.widths and 3 or 2) }
    inputs = out
  end
  list[#list + 1] = head(features, o.hidden, o.classes, o.dropout)
  return net.chain(list)
end

local OPTIONS = { classes = options_of.count(50), channels = options_of.count(1),
  widths = PAPER_WIDTHS, hidden = options_of.count(512), dropout = options_of.fraction(0.5),
  frames = options_of.count(384), extra_channels = {}, seed = 0 }

--- ms.models.cnn_tail{classes = 50, channels = 1, widths = {...}, hidden = 512, dropout = 0.5,
-- frames = 384, extra_channels = {}, seed = 0}
-- t(x, join): log-mel image (batch, frames, 128, channels) -> logits (batch, classes). `join(k,
-- x)`, if given, may change the input of block k >= 2: that is where an adaptation module enters.
-- extra_channels[k]: channels that join adds to block k's input by concatenation (the authors'
-- variant).
-- frames must be a multiple of 192.
return net.define { name = "cnn_tail", options = OPTIONS, build = function(o)
  local widths, frames = net.expect_widths(o.widths, "cnn_tail"), o.frames
  local shrink = 3 * 2 ^ (#widths - 1)
  if MELS % 2 ^ #widths ~= 0 then
    local text = "cnn_tail: at most 7 widths, a block each that halves %d bands, got %d"
    error(text:format(MELS, #widths), 3)
  end
  if frames % shrink ~= 0 then
    local text = "cnn_tail: frames must be a multiple of the %d of its pooling, got %d"
    error(text:format(shrink, frames), 3)
  end
  local places = frames // shrink * (MELS // 2 ^ #widths)
  return chain(o, math.tointeger(places) * widths[#widths]):init(o.seed)
end }
