--- The Jupyter kernel: answers the requests of front ends until one asks it to end.
local document = require "notebook.document"
local execution = require "notebook.kernel.execution"
local helpers = require "moonstem.app.prompt.helpers"
local history = require "notebook.kernel.history"
local input = require "notebook.kernel.input"
local inspection = require "notebook.kernel.inspection"
local io_ = require "moonstem.core.io"
local jupyter = require "moonstem.core.jupyter"
local session = require "notebook.session"
local sys = require "moonstem.core.sys"
local typed_session = require "moonstem.app.prompt.session"
local wire = require "notebook.kernel.wire"

local M = {}

-- Seconds after which the kernel looks up whether a signal came; in which cells that were sent
-- together arrive.
local WAIT, GRACE = 0.5, 0.05
local ZOOM = 2 -- of pictures, for fine screens

local function kernel_info()
  return { status = "ok", protocol_version = wire.VERSION, implementation = "moonstem",
    implementation_version = sys.version, language_info = document.LANGUAGE, debugger = false,
    banner = ("moonstem %s, %s   ?name shows help, Tab completes"):format(sys.version, _VERSION),
    help_links = io_.list {} }
end

local answers = {
  kernel_info_request = kernel_info,
  execute_request = function(kernel, content) return execution.execute(kernel, content) end,
  complete_request = function(_, content) return inspection.complete(content) end,
  inspect_request = function(_, content) return inspection.inspect(content) end,
  is_complete_request = function(_, content) return inspection.is_complete(content) end,
  history_request = function(kernel, content) return kernel.history:answer(content) end,
  comm_info_request = function() return { status = "ok", comms = {} } end,
  interrupt_request = function() return { status = "ok" } end,
  shutdown_request = function(kernel, content)
    kernel.ended = true
    return { status = "ok", restart = content.restart == true }
  end,
}

-- Widgets have nobody to talk to here: what they open is closed again.
local function close_comm(kernel, request)
  if request.kind ~= "comm_open" then return end
  kernel.wire:publish("comm_close", { comm_id = request.content.comm_id, data = {} })
end

local function answer(kernel, request)
  if request.dropped then return { status = "aborted" } end
  return answers[request.kind](kernel, request.content)
end

-- After an error the cells that wait in line are given back without being run. They are taken in
-- before anybody knows of the error: what is sent on later is meant to run.
local function drop_waiting(kernel)
  for request in function() return kernel.wire:receive(GRACE) end do
    request.dropped = request.kind == "execute_request"
    table.insert(kernel.waiting, request)
  end
end

local function serve_request(kernel, request)
  local reply = answer(kernel, request)
  if request.kind == "execute_request" and reply.status == "error"
    and request.content.stop_on_error ~= false then
    drop_waiting(kernel)
  end
  kernel.wire:reply(request, request.kind:gsub("_request$", "_reply"), reply)
end

-- An interrupt that came before the request was for something else.
local function serve(kernel, request)
  if sys.signal() == "INT" then sys.clear_interrupt() end
  kernel.request = request
  kernel.wire:serve(request)
  kernel.wire:publish("status", { execution_state = "busy" })
  if answers[request.kind] then serve_request(kernel, request) else close_comm(kernel, request) end
  kernel.wire:publish("status", { execution_state = "idle" })
end

-- One request, if there is one.
local function round(kernel)
  local request = table.remove(kernel.waiting, 1) or kernel.wire:receive(WAIT)
  if request then serve(kernel, request) end
end

-- The words of the prompt, but for the editor, which would need a terminal.
local function install_words(typed)
  local had = rawget(_G, "edit")
  helpers.install(typed, print)
  _G.edit = had
end

local function new_kernel(sockets)
  local typed = typed_session()
  local kernel = { wire = wire.new(sockets), history = history.new(), waiting = {} }
  kernel.session = session.new(function(bundle)
    local data, metadata = document.bundle(bundle)
    kernel.wire:publish("display_data", { data = data, metadata = metadata, transient = {} })
  end, ZOOM, typed)
  install_words(typed)
  input.ask_front_end(kernel)
  return kernel
end

--- kernel.run(address) -> exit status, or nil and a message
-- Serves front ends at an address as moonstem.core.jupyter.open takes it, until one of them ends
-- it.
function M.run(address)
  local opened, why = jupyter.open(address)
  if not opened then return nil, why end
  local sockets <close> = opened
  io.stdout:setvbuf "no"
  local kernel = new_kernel(sockets)
  kernel.wire:serve(nil)
  kernel.wire:publish("status", { execution_state = "starting" })
  while not kernel.ended do
    local ok, problem = pcall(round, kernel)
    if not ok then io.stderr:write("moonstem: ", tostring(problem), "\n") end
    if sys.signal() == "TERM" then return 143 end
  end
  return 0
end

return M
