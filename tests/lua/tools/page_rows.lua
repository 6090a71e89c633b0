--- The page for new users, lua/README.md, as code: page_rows.read(path) -> blocks, rows, and
-- page_rows.compile(code, env) -> a function, or nil and why.
local M = {}

--- The blocks of Lua, and the rows of tables: { line =, text =, code =, value = }.
function M.read(path)
  local blocks, list, block, n = {}, {}, nil, 0
  for line in io.lines(path) do
    n = n + 1
    if block then
      if line == "```" then block = nil else block[#block + 1] = line end
    elseif line == "```lua" then
      block = { line = n, text = "the program that begins here" }
      blocks[#blocks + 1] = block
    elseif line:find("^|.*`") then
      local code = line:match "|[^|]*`([^`]*)`[^|`]*|%s*$"
      list[#list + 1] = { line = n, text = line, code = code }
    end
  end
  return blocks, list
end

--- Code whose last statement may be an expression.
function M.compile(code, env)
  local chunk = load("return " .. code, "=row", "t", env)
  local head, last = code:match "^(.*;)(.-)$"
  return chunk or head and load(head .. " return " .. last, "=row", "t", env)
    or load(code, "=row", "t", env)
end

return M
