--- How values look and sound where one looks at them: in a terminal, in a notebook, on a page.
-- Objects say it by a function __display in their metatable; all others are text. ms.show and
-- ms.play hand what they are given to the place that is set by ms.display.sink.
local figures = require "moonstem.figure.value"
local options_of = require "moonstem.options"
local sys = require "moonstem.core.sys"
local text = require "moonstem.display.text"

local M = {}

-- ---- bundles ---------------------------------------------------------------------------------
local function display_of(value)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" then return nil end
  return rawget(debug.getmetatable(value) or {}, "__display")
end

--- ms.display.bundle(value, [zoom = 2]) -> a table of what there is to see of a value by media type
-- ["text/plain"] = text, always; ["image/png"] = bytes and ["text/html"] = a piece of HTML, where
-- the value has them; alt = a picture in words; width and height, of a picture where it is shown:
-- its PNG has `zoom` times as many pixels, for fine screens. A value of your own has more than text
-- when its metatable holds a function __display(value, zoom) that returns such a table.
function M.bundle(value, zoom)
  local display = display_of(value)
  local bundle = {}
  for kind, content in pairs(display and display(value, zoom or 2) or {}) do
    bundle[kind] = content
  end
  bundle["text/plain"] = bundle["text/plain"] or text.text(value)
  return bundle
end

-- ---- where shown things go -------------------------------------------------------------------
-- On a terminal pictures are drawn; elsewhere a line tells what could be seen.
local function on_standard_output(value)
  if not figures.is(value) then io.stdout:write(text.text(value), "\n") return end
  if not sys.isatty "stdout" then
    io.stdout:write(tostring(value), '; figure:save("NAME.png") keeps it\n')
    return
  end
  local sentence = require "moonstem.display.terminal".show(value)
  if sentence then io.stdout:write(sentence, "\n") end
end

local sink = on_standard_output

--- ms.display.sink(f) -> the function before
-- From now on ms.show and ms.play hand what they are given to f(value), which takes what it can
-- show from ms.display.bundle(value): figures have PNGs, sounds HTML with a player, all values
-- text. A kernel for notebooks does so; nil brings back terminal and loudspeakers.
function M.sink(f)
  if f ~= nil and type(f) ~= "function" then
    error(("sink: a function is expected, got %s"):format(options_of.shown(f)), 0)
  end
  local before = sink
  sink = f or on_standard_output
  return before
end

--- ms.show(x, {kind=, title=, ...}): shows a value where one looks at it
-- Tensors, lists of numbers, convolutions and runs become pictures, as by ms.figure.of, whose
-- options these are; all other values are text. A terminal with kitty's graphics or sixel shows
-- pictures as they are, another one in half blocks (by the program chafa), curves as text;
-- MOONSTEM_PICTURES=kitty, sixel, blocks or none in the environment says which. Where the output is
-- no terminal a line tells what could be seen.
function M.show(x, options)
  if display_of(x) then
    options_of.check(options or {}, "show", {})
    return sink(x)
  end
  local kinds = require "moonstem.figure.kinds"
  if options or kinds.guess(x, {}) then
    x = figures.of(kinds.draw(x, options or {}, "show"))
  end
  sink(x)
end

--- ms.play(x, {rate=, title=}) or ms.play(path, {from=, seconds=}) -> true, or nil and a message
-- Plays a wave, (sample), (channel, sample) or (sample, channel), at its rate in Hz, or a file from
-- `from` seconds on, by the first of pw-play, paplay, aplay, play and ffplay that works; returns
-- when it has ended, Ctrl-C stops it. A wave above full scale is turned down as a whole, and that
-- is said. In a notebook a player appears.
function M.play(x, options)
  local sound, why = require "moonstem.display.sound".of(x, options, "play")
  if not sound then return nil, why end
  if sink == on_standard_output then return require "moonstem.display.player".play(sound) end
  sink(sound)
  return true
end

--- ms.display.sound(x, {rate=, title=}) or ms.display.sound(path, {from=, seconds=}) -> a sound, or
-- nil and a message: sound:save("x.wav"), sound.seconds, sound.peak; ms.play(sound) plays it, and
-- where it is shown a player appears
function M.sound(x, options) return require "moonstem.display.sound".of(x, options, "sound") end

return M
