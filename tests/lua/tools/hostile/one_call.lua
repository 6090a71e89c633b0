--- One hostile call, and what is wrong with how it ended.
local values = require "hostile.values"

local M = {}

-- ---- the call as a text ----------------------------------------------------------------------
local function shown(value, depth)
  local kind = type(value)
  if kind == "string" then return ("%q"):format(value:sub(1, 40)):gsub("\n", "n") end
  if kind == "number" or kind == "boolean" or kind == "nil" then return tostring(value) end
  if kind == "userdata" then
    local good, text = pcall(tostring, value)
    return good and text:match "^[^\n]*" or kind
  end
  if kind ~= "table" then return kind end
  if getmetatable(value) then return "object" end
  if depth > 3 then return "{...}" end
  local parts = {}
  for key, inner in next, value do
    local name = type(key) == "string" and key .. " = " or math.type(key) and "" or "[...] = "
    parts[#parts + 1] = #parts < 12 and name .. shown(inner, depth + 1) or nil
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- A call as a line.
function M.text(target, arguments)
  local parts = {}
  for k = 1, arguments.n do parts[k] = shown(arguments[k], 0) end
  return ("%s(%s)"):format(target.name, table.concat(parts, ", "))
end

-- ---- making it -------------------------------------------------------------------------------
local function any_arguments()
  local arguments = { n = values.pick(6) - 1 }
  for k = 1, arguments.n do arguments[k] = values.value() end
  return arguments
end

--- The target and the arguments of call number k.
function M.make(targets, seed, k)
  values.start(seed, k)
  local target = targets[(k - 1) % #targets + 1]
  if #target.calls == 0 or values.pick(8) == 1 then
    local arguments = any_arguments()
    if target.name:find ":" and values.pick(4) > 1 then
      local known = target.calls[1]
      arguments[1], arguments.n = known and known[1] or values.tensor(), math.max(1, arguments.n)
    end
    return target, arguments
  end
  local right = values.one_of(target.calls)
  local arguments = { n = right.n }
  for i = 1, right.n do arguments[i] = values.copy(right[i]) end
  return target, values.spoil(arguments)
end

-- ---- judging it ------------------------------------------------------------------------------
local RAW = { "attempt to ", "stack overflow", "table index is ", "bad 'for' ", "'for iterator'",
  "invalid value %(", "wrong number of arguments to", "invalid conversion '%%" }

-- Whether the error is of a function of the test's own, or of the cases.
local function is_ours(message)
  return message:find("own error", 1, true) or message:find "^row:%d" or message:find "^head:%d"
    or message:find "cases/[^:]*%.lua:%d"
end

-- Functions that others are made of, and whose names their errors tell.
local MADE_OF = { zeros_like = "full_like", ones_like = "full_like", view = "reshape",
  clamp = "m[ai][xn]imum", cross_attention = "attention",
  norm_conv2d = "[bc][ao][tn][cv]", check = "the magnitude" }

-- Functions that call what they are given, which may tell its own name.
local CALLS = { no_grad = true, evaluating = true, recompute = true }

local function names(target, thrown)
  local message = thrown:gsub("^[^\n:]*:%d+: ", "")
  local last, class = target.name:match "[%w_]+$", target.name:match "([%w_]+)[:.][%w_]+$"
  return message:find(last, 1, true)
    or CALLS[last] and message:find "^[%a_.]+: "
    or MADE_OF[last] and message:find(MADE_OF[last])
    or class and class ~= "x" and message:find(class, 1, true)
    or class == "table" and message:find "^%a+: " -- of a class without a name of its own
end

--- What is wrong with an error, in a few words, or nil.
function M.fault(target, thrown)
  if type(thrown) ~= "string" then return "raised a " .. type(thrown) end
  if is_ours(thrown) then return nil end
  for _, pattern in ipairs(RAW) do
    if thrown:find(pattern) then return "raised an error of Lua's own" end
  end
  if not names(target, thrown) then return "does not name the function" end
end

return M
