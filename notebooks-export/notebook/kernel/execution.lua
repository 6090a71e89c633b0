--- Cells that a front end asks to run.
local document = require "notebook.document"
local io_ = require "moonstem.core.io"
local question = require "moonstem.app.question"

local M = {}

local function payload_of(text)
  return { source = "page", start = 0, data = { ["text/plain"] = text } }
end

-- What does not run as Lua: a question for help, and the words that end a session. A payload or
-- nil.
local function answer_to(code)
  local asked = code:match "^%s*%?%s*([^\n]-)%s*$"
  if asked then return payload_of(question.answer(asked)) end
  local word = code:match "^%s*(%a+)%s*%(?%s*%)?%s*;?%s*$"
  if (word == "exit" or word == "quit") and rawget(_G, word) == nil then
    return { source = "ask_exit", keepkernel = false }
  end
end

local function publish_error(self, problem)
  local told = document.error(problem.kind, problem.message, problem.traceback)
  self.wire:publish("error", { ename = told.ename, evalue = told.evalue,
    traceback = told.traceback })
  return { status = "error", ename = told.ename, evalue = told.evalue, traceback = told.traceback }
end

local function publish_value(self, value)
  local data, metadata = document.bundle(value)
  self.wire:publish("execute_result", { execution_count = self.session.count, data = data,
    metadata = metadata })
end

-- The values of expressions that a front end wants to know besides.
local function expressions(self, asked)
  local answers = {}
  for name, code in pairs(type(asked) == "table" and asked or {}) do
    local problem, value = self.session:run(tostring(code))
    if problem then
      answers[name] = { status = "error", ename = problem.kind, evalue = problem.message,
        traceback = io_.list(problem.traceback) }
    else
      local data, metadata = document.bundle(value or { ["text/plain"] = "nil" })
      answers[name] = { status = "ok", data = data, metadata = metadata }
    end
  end
  return answers
end

-- Runs the code; the reply.
local function run(self, code, silent)
  local payload = answer_to(code)
  if payload then return { status = "ok", payload = io_.list { payload } } end
  local problem, value = self.session:run(code)
  if problem then return publish_error(self, problem) end
  if value and not silent then publish_value(self, value) end
  return { status = "ok", payload = io_.list {} }, value
end

--- The answer to execute_request; kernel: its wire, session and history.
function M.execute(kernel, content)
  local code = type(content.code) == "string" and content.code or ""
  local silent = content.silent == true
  local stored = not silent and content.store_history ~= false
  if stored then kernel.session.count = kernel.session.count + 1 end
  if not silent then
    kernel.wire:publish("execute_input", { code = code, execution_count = kernel.session.count })
  end
  local reply, value = run(kernel, code, silent)
  reply.execution_count = kernel.session.count
  if reply.status == "ok" then
    reply.user_expressions = expressions(kernel, content.user_expressions)
  end
  if stored then
    kernel.history:add(kernel.session.count, code, value and value["text/plain"])
  end
  return reply
end

return M
