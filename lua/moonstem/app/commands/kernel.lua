--- moonstem kernel: Moonstem in Jupyter's notebooks, labs and consoles.
local arguments = require "moonstem.app.arguments"
local sys = require "moonstem.core.sys"

local M = { summary = "install the Jupyter kernel" }

local function parser()
  local p = arguments.parser("kernel", "Makes Moonstem a language of Jupyter: notebooks show "
    .. "tensors, figures and players, and complete names. Needs Debian's libzmq5 when it runs.")
  p:command_target "command"
  local install = p:command("install", "Tells Jupyter of the kernel.")
  install:mutex(install:flag("--user", "for you alone, below ~/.local/share/jupyter (the default)"),
    install:option("--prefix", "below P/share/jupyter; /usr/local makes it everybody's")
      :argname "P")
  local run = p:command("run", "Serves a front end; Jupyter calls it.")
  run:argument("connection", "the connection file that Jupyter wrote")
  return p
end

local function install(given)
  local ok, why = require "moonstem.core.jupyter".load()
  if not ok then return arguments.fail(why) end
  local folder
  folder, why = require "notebook.kernel.spec".install(sys.absolute "/proc/self/exe", given.prefix)
  if not folder then return arguments.fail(why) end
  print("installed the kernel in " .. folder)
  print "start it with: jupyter notebook, or: jupyter console --kernel moonstem"
  return 0
end

-- The address that a connection file tells, or nil and a message.
local function address_of(path)
  local file, why = require "moonstem.core.io".load_json(path)
  if not file then return nil, why end
  if type(file) ~= "table" or not file.shell_port then
    return nil, path .. ": it is no connection file of Jupyter: it has no shell_port"
  end
  local scheme = file.signature_scheme or "hmac-sha256"
  if scheme ~= "hmac-sha256" then
    return nil, ("%s: signatures of kind %s are not known, only hmac-sha256"):format(path, scheme)
  end
  return { transport = file.transport, ip = file.ip, key = file.key, shell = file.shell_port,
    control = file.control_port, stdin = file.stdin_port, iopub = file.iopub_port,
    heartbeat = file.hb_port }
end

local function run(given)
  local address, why = address_of(given.connection)
  if not address then return arguments.fail(why) end
  local status
  status, why = require "notebook.kernel".run(address)
  return status or arguments.fail(why)
end

function M.run(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  return (given.command == "install" and install or run)(given)
end

return M
