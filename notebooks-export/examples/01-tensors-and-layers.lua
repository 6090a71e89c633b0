--[[md
# Tensors and layers

From the first tensor to a network that learns, in a few seconds. The library is `ms`; `?name` in
a cell, or Shift-Tab behind a name, shows help. This page was written by `moonstem notebook
export`; its source is a plain Lua script.
]]
--%%
local ms = require "moonstem"
ms.seed(1)
local x = ms.tensor { { 1, 2, 3 }, { 4, 5, 6 } }
print(x)
--[[md
A tensor is dense; dimensions and positions count from 1, negative positions from the end.
Operators are methods, and chains of them read from left to right. Sizes that differ are broadcast
from the right, as in NumPy.
]]
--%%
print("shape        ", x:shape())
print("last column  ", x[{ {}, -1 }])
print("row means    ", x:mean(2))
print("standardised ", ((x - x:mean(2, { keep = true })) / x:std(2, { keep = true }))[1])
print("product      ", x:matmul(x:permute { 2, 1 }))
--[[md
A mistake is one sentence that says what was expected and what was given:
]]
--%%
local _, why = pcall(function() return x + ms.ones { 4, 5 } end)
print(why)
--[[md
## Gradients

What is computed from a tensor that needs gradients is recorded; `backward` walks back through it.
]]
--%%
local w = ms.tensor { 0.5, -1, 2 }:needs_grad()
local loss = (w * x):sum(2):square():mean()
loss:backward()
print("loss    ", loss)
print("gradient", w.grad)
--[[md
## A layer and its kernels

Layers take their options by name. Images are (batch, time, frequency, channel), so that a
convolution over a spectrogram slides along time and frequency; with a seed its weights are the
same everywhere.
]]
--%%
local layer = ms.nn.conv2d { in_channels = 1, out_channels = 12, kernel = 5, seed = 1 }
local y = layer(ms.randn { 1, 64, 32, 1 })
print(layer)
print("weights", layer.weight:shape(), "output", y:shape())
ms.show(layer, { title = "Twelve kernels before training" })
--[[md
## A convolution learns a filter

Noise goes through a band-pass filter that the network does not know; from noise and filtered
noise alone, a convolution over the samples is to find its impulse response. First the truth: a
Gaussian that swings.
]]
--%%
local taps = 31
local n = ms.range(1, taps) - (taps + 1) / 2
local truth = (n * 0.9):cos() * (n:square() * (-1 / 40)):exp()
local noise = ms.randn { 8, 512, 1 }
local filter = ms.nn.conv1d { in_channels = 1, out_channels = 1, kernel = taps, bias = false }
filter.weight:copy(truth:reshape { taps, 1, 1 })
local target = ms.no_grad(function() return filter(noise) end)
print(noise:shape(), "->", target:shape())
--[[md
Training is a loop like any other; a scope releases the tensors of a step.
]]
--%%
local model = ms.nn.conv1d { in_channels = 1, out_channels = 1, kernel = taps, bias = false,
  seed = 2 }
local optimizer = ms.optim.adam(model:parameters(), { lr = 0.03 })
local losses = {}
for step = 1, 100 do
  local _ <close> = ms.scope()
  local error = ms.loss.mse(model(noise), target)
  optimizer:zero()
  error:backward()
  optimizer:step()
  losses[step] = error:item()
end
assert(losses[#losses] < 0.01)
print(("loss %.2f at first, below 0.01 after %d steps"):format(losses[1], #losses))
--%%
ms.show(losses, { log_y = true, title = "Loss", x_label = "step", y_label = "mean squared error" })
--%%
local learnt = model.weight:detach():reshape { taps }
ms.show({ learnt = learnt, truth = truth },
  { title = "Impulse responses lie on each other", x_label = "tap" })
--[[md
## A network of the paper

Networks are made of such layers. The U-Net of the paper separates a source from a spectrogram;
here it is in small, with what each part makes of one segment.
]]
--%%
local unet = ms.models.unet { widths = { 4, 8, 16, 16, 16, 16 } }
print(unet)
print(unet:summary())
