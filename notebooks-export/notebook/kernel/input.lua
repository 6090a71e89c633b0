--- Cells that read standard input ask the front end for a line.
local M = {}

local WAIT = 0.1 -- seconds after which it is looked up whether the cell was stopped

-- What the front end's user typed for the request that is worked on. Other requests wait.
local function line_of(kernel)
  io.stdout:flush()
  kernel.wire:ask(kernel.request, { prompt = "", password = false })
  while true do
    local answer = kernel.wire:receive(WAIT, true)
    if answer and answer.kind == "input_reply" then return tostring(answer.content.value) end
    if answer then table.insert(kernel.waiting, answer) end
  end
end

-- A line as a format of io.read wants it.
local function formatted(line, format)
  format = tostring(format):gsub("^%*", ""):sub(1, 1)
  if format == "n" then return tonumber(line) end
  return format == "L" and line .. "\n" or line
end

--- From now on io.read asks the front end where a request allows it; others find the input's end.
function M.ask_front_end(kernel)
  local read = io.read
  -- luacheck: globals io.read
  function io.read(...)
    if io.input() ~= io.stdin then return read(...) end
    if not kernel.request.content.allow_stdin then return nil end
    local formats, values = table.pack(...), {}
    for i = 1, math.max(formats.n, 1) do
      values[i] = formatted(line_of(kernel), formats[i] or "l")
    end
    return table.unpack(values, 1, math.max(formats.n, 1))
  end
end

return M
