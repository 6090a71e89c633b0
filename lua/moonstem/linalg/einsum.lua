--- Equations of einsum: "bij,bjk->bik" as labels of each operand's axes and of the result's.
local pairs_of = require "moonstem.linalg.pairing"

local M = {}

local ELLIPSIS = "..."
local MOST = 500 -- equations that are remembered

local function wrong(text, ...)
  error("einsum: " .. text:format(...), 0)
end

-- The labels of one operand or of the result: letters, and ELLIPSIS at most once.
local function read(part, equation)
  local labels, at, has = {}, 1, false
  while at <= #part do
    local letter = part:match("^%a", at)
    if not letter and part:sub(at, at + 2) == ELLIPSIS and not has then
      letter, has = ELLIPSIS, true
    end
    if not letter then
      wrong('letters and one "..." for each operand are expected in "%s", got "%s"',
        equation:sub(1, 80), part:sub(at, at + 9))
    end
    labels[#labels + 1], at = letter, at + #letter
  end
  labels.has_ellipsis = has
  return labels
end

-- Without "->": the ellipsis, then letters that occur once, in the order of the alphabet.
local function implied(inputs)
  local count, out, has = {}, {}, false
  for _, labels in ipairs(inputs) do
    has = has or labels.has_ellipsis
    for _, l in ipairs(labels) do count[l] = (count[l] or 0) + 1 end
  end
  for l, n in pairs(count) do if n == 1 and l ~= ELLIPSIS then out[#out + 1] = l end end
  table.sort(out)
  if has then table.insert(out, 1, ELLIPSIS) end
  out.has_ellipsis = has
  return out
end

local function check_out(inputs, out, equation)
  local known, seen = { [ELLIPSIS] = true }, {}
  for _, labels in ipairs(inputs) do for _, l in ipairs(labels) do known[l] = true end end
  for _, l in ipairs(out) do
    if not known[l] then wrong('no operand has the axis %s of the result of "%s"', l, equation) end
    if seen[l] then wrong('the result of "%s" has the axis %s twice', equation, l) end
    seen[l] = true
  end
end

local function parse(equation)
  local text = equation:gsub("%s", "")
  local left, right = text:match "^(.-)%->(.*)$"
  local inputs = {}
  for part in ((left or text) .. ","):gmatch "(.-)," do
    inputs[#inputs + 1] = read(part, equation)
  end
  local out = right and read(right, equation) or implied(inputs)
  check_out(inputs, out, equation)
  return { inputs = inputs, out = out }
end

local kept, count = {}, 0

-- Equations come again: each is read once.
local function parsed(equation)
  local p = kept[equation]
  if p then return p end
  p = parse(equation)
  if count == MOST then kept, count = {}, 0 end
  kept[equation], count = p, count + 1
  return p
end

-- Labels with the ellipsis replaced by those of `n` axes: -n .. -1, aligned at the last.
local function filled(labels, n)
  if not labels.has_ellipsis then return labels end
  local all = {}
  for _, l in ipairs(labels) do
    if l ~= ELLIPSIS then all[#all + 1] = l
    else for k = -n, -1 do all[#all + 1] = k end end
  end
  return all
end

-- Enters the sizes of an operand's axes; 1 gives way to any other.
local function enter_sizes(sizes, labels, size, which)
  for i, l in ipairs(labels) do
    local known = sizes[l]
    if known and known ~= size[i] and known ~= 1 and size[i] ~= 1 then
      wrong("the axis %s is %d long in operand %d, but %d in another one",
        type(l) == "string" and l or "...", size[i], which, known)
    end
    if not known or known == 1 then sizes[l] = size[i] end
  end
end

--- pair(equation, operands) -> the product of two operands that is a matrix product as they stand;
-- nil where it is not.
function M.pair(equation, operands)
  local p = parsed(equation)
  if #p.inputs ~= 2 or #operands ~= 2 then return nil end
  local a, b = p.inputs[1], p.inputs[2]
  if p.pair == nil then
    local open = a.has_ellipsis or b.has_ellipsis
    p.pair = not open and pairs_of.analyse(a, b, p.out) or false
  end
  return p.pair and pairs_of.run(p.pair, operands[1], operands[2])
end

--- analyse(equation, operands) -> terms, labels of the result, sizes of labels: what contract
-- takes.
function M.analyse(equation, operands)
  local p = parsed(equation)
  if #operands ~= #p.inputs then
    wrong('"%s" names %d operands, got %d', equation:sub(1, 80), #p.inputs, #operands)
  end
  local terms, sizes, longest = {}, {}, 0
  for i, x in ipairs(operands) do
    local labels, size = p.inputs[i], x:size()
    local open = #size - #labels + (labels.has_ellipsis and 1 or 0)
    if open < 0 or open > 0 and not labels.has_ellipsis then
      wrong('operand %d of "%s" has %d dimensions', i, equation:sub(1, 80), #size)
    end
    longest = math.max(longest, open)
    terms[i] = { tensor = x, labels = filled(labels, open) }
    enter_sizes(sizes, terms[i].labels, size, i)
  end
  return terms, filled(p.out, longest), sizes
end

return M
