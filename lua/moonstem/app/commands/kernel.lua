--- moonstem kernel: Moonstem in Jupyter's notebooks and consoles.
local arguments = require "moonstem.app.arguments"
local sys = require "moonstem.core.sys"

local M = { summary = "install the Jupyter kernel" }

local function parser()
  local p = arguments.parser("kernel", "Makes Moonstem a language of Jupyter: notebooks show "
    .. "tensors, figures and players, and complete names. `install` tells Jupyter of the kernel; "
    .. "`run` serves a front end, and Jupyter calls it. Needs Debian's libzmq5.")
  p:argument("action", "install or run"):choices { "install", "run" }
  p:argument("connection", "run: the connection file that Jupyter wrote"):args "?"
  p:mutex(p:flag("--user", "install: for you alone, below ~/.local/share/jupyter (the default)"),
    p:option("--prefix", "install: below PREFIX/share/jupyter; /usr/local makes it everybody's")
      :argname "PREFIX")
  return p
end

local function install(given)
  if given.connection then return nil, "install takes no file, got " .. given.connection end
  local ok, why = require "moonstem.core.jupyter".load()
  if not ok then return nil, why end
  local program = sys.absolute "/proc/self/exe"
  local folder
  folder, why = require "notebook.kernel.spec".install(program, given.prefix)
  if not folder then return nil, why end
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
  if not given.connection then
    return nil, "run needs the connection file that Jupyter wrote: start a front end instead, such "
      .. "as jupyter notebook"
  elseif given.user or given.prefix then
    return nil, "--user and --prefix go with install alone"
  end
  local address, why = address_of(given.connection)
  if not address then return nil, why end
  return require "notebook.kernel".run(address)
end

function M.run(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local why
  status, why = (given.action == "install" and install or run)(given)
  return status or arguments.fail(why)
end

return M
