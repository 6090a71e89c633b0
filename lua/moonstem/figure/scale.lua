--- Axes: from values to pixels, with round ticks. Linear or logarithmic.
local M = {}

local SUPERSCRIPTS = { ["0"] = "⁰", ["1"] = "¹", ["2"] = "²", ["3"] = "³", ["4"] = "⁴", ["5"] = "⁵",
  ["6"] = "⁶", ["7"] = "⁷", ["8"] = "⁸", ["9"] = "⁹", ["-"] = "⁻" }

local LEAST = 1e-290 -- nearer to 0, powers of ten lose their digits

-- The round step (1, 2 or 5 times a power of ten) that gives about `count` of them.
local function round_step(span, count)
  local raw = span / count
  local power = 10.0 ^ math.floor(math.log(raw, 10))
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if raw <= factor * power * 1.0000001 then return factor * power end
  end
end

local function decimals(step)
  return math.max(0, math.ceil(-math.log(step, 10) - 1e-9))
end

-- A tick's text: no more digits than the step needs; thousands as k, millions as M.
local function linear_text(value, step)
  if math.abs(value) < step * 1e-6 then return "0" end
  if math.abs(value) >= 1e10 then return ("%.4g"):format(value) end
  for _, unit in ipairs { { 1e6, "M" }, { 1e3, "k" } } do
    if step >= unit[1] / 10 and math.abs(value) >= unit[1] then
      return (("%." .. decimals(step / unit[1]) .. "f"):format(value / unit[1])) .. unit[2]
    end
  end
  if step < 1e-4 then return ("%.3g"):format(value) end
  return ("%." .. decimals(step) .. "f"):format(value)
end

local function linear_ticks(low, high, count, whole)
  local step, list = round_step(high - low, count), {}
  if whole then step = math.max(step, 1) end
  for i = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) do
    list[#list + 1] = { value = i * step, text = linear_text(i * step, step) }
  end
  return list
end

local function power_text(value)
  if value >= 0.00999 and value < 10000 then return ("%g"):format(value) end
  local exponent = math.floor(math.log(value, 10) + 0.5)
  local factor = value / 10.0 ^ exponent
  local head = math.abs(factor - 1) < 1e-6 and "" or ("%g·"):format(factor)
  return head .. "10" .. tostring(exponent):gsub(".", SUPERSCRIPTS)
end

local function log_ticks(low, high, count)
  local first, last = math.floor(math.log(low, 10) + 1e-9), math.ceil(math.log(high, 10) - 1e-9)
  local every = math.max(1, math.ceil((last - first) / (count + 3)))
  local factors = last - first <= 2 and { 1, 2, 5 } or { 1 }
  local list = {}
  for exponent = first, last, every do
    for _, factor in ipairs(factors) do
      local value = factor * 10.0 ^ exponent
      if value >= low * 0.999999 and value <= high * 1.000001 then
        list[#list + 1] = { value = value, text = power_text(value) }
      end
    end
  end
  if #list < 2 then return linear_ticks(low, high, count) end
  return list
end

-- Room for values that are all equal, but for rounding, or absent.
local function widen(low, high, log)
  if not low then return log and 0.1 or 0, 1 end
  if high - low > math.max(math.abs(low), math.abs(high)) * 1e-12 and high - low > LEAST then
    return low, high
  end
  if log then return low / 2, high * 2 end
  local by = math.abs(low) <= LEAST and 1 or math.abs(low) * 0.1
  return low - by, high + by
end

--- The least and the greatest of lists of numbers (false is left out); nil for none.
-- log: only what is clearly above 0 counts.
function M.extent(lists, log)
  local low, high
  for _, list in ipairs(lists) do
    for _, x in ipairs(list) do
      if x and (not log or x > LEAST) then
        low, high = math.min(low or x, x), math.max(high or x, x)
      end
    end
  end
  return low, high
end

--- A scale from values low..high to pixels first..last, either way round.
-- log: logarithmic; exact: low and high are kept, else the ends move out to round numbers;
-- count: about how many ticks; whole: none between whole numbers.
-- Returns { at(value) -> pixel, or nil where a logarithm has none; ticks = { {value=, text=} } }.
function M.new(low, high, first, last, options)
  local log, count = options.log, math.max(options.count or 6, 1)
  low, high = widen(low, high, log)
  if not options.exact and not log then
    local step = round_step(high - low, count)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
  elseif not options.exact and log then
    low, high = low / 1.1, high * 1.1
  end
  local map = log and math.log or function(x) return x end
  local a, b = map(low), map(high)
  local scale = { low = low, high = high, log = log }
  function scale.at(value)
    if log and value <= LEAST then return nil end
    return first + (map(value) - a) / (b - a) * (last - first)
  end
  scale.ticks = (log and log_ticks or linear_ticks)(low, high, count, options.whole)
  return scale
end

return M
