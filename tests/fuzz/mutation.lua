--- Inputs made of seeds by chance: bytes changed, put in, left out, repeated, words of the format,
-- whole numbers at their limits, pieces of other seeds. A function of the numbers that are drawn.
local M = {}

local NUMBERS = { 0, 1, 2, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
  0xffffffff, 1 << 40, math.maxinteger, -1 }
local FORMS = { "B", "<I2", ">I2", "<I4", ">I4", "<i8", ">i8" }

local function masked(form, n)
  local size = string.packsize(form)
  return string.pack(form, size < 8 and n & ((1 << 8 * size) - 1) or n)
end

local changes = {
  function(text, at, draw)
    return text:sub(1, at - 1) .. string.char(draw(256) - 1) .. text:sub(at + 1)
  end,
  function(text, at, draw)
    local flipped = (text:byte(at) or 0) ~ (1 << (draw(8) - 1))
    return text:sub(1, at - 1) .. string.char(flipped) .. text:sub(at + 1)
  end,
  function(text, at, draw) return text:sub(1, at - 1) .. text:sub(at + draw(16)) end,
  function(text, at) return text:sub(1, at - 1) end,
  function(text, at, draw)
    local piece = text:sub(at, at + draw(32))
    return text:sub(1, at - 1) .. piece:rep(draw(6)) .. text:sub(at)
  end,
  function(text, at, draw)
    local form = FORMS[draw(#FORMS)]
    local bytes = masked(form, NUMBERS[draw(#NUMBERS)])
    return text:sub(1, at - 1) .. bytes .. text:sub(at + #bytes)
  end,
  function(text, at, draw, given)
    local word = given.words[draw(#given.words)]
    return text:sub(1, at - 1) .. word .. text:sub(draw(2) == 1 and at + #word or at)
  end,
  function(text, at, draw, given)
    local other = given.seeds[draw(#given.seeds)]
    return text:sub(1, at - 1) .. other:sub(draw(#other))
  end,
}

--- The input of number k: one of the seeds after one to eight changes.
-- given: { seeds = list of texts, words = list of texts, longest = bytes }
-- draw: function(n) -> a whole number 1..n
function M.input(given, draw)
  local text = given.seeds[draw(#given.seeds)]
  for _ = 1, draw(8) do
    text = changes[draw(#changes)](text, draw(#text + 1), draw, given)
  end
  return text:sub(1, given.longest)
end

return M
