--- moonstem notebook: scripts, saved sessions and runs as Jupyter notebooks, and back.
local arguments = require "moonstem.app.arguments"
local sys = require "moonstem.core.sys"

local M = { summary = "write a script, a session or a run as a Jupyter notebook" }

local function parser()
  local p = arguments.parser("notebook", "Writes notebooks for Jupyter (nbformat 4.5), which "
    .. "GitHub and editors show, too; nothing of Jupyter is needed, and the same source gives the "
    .. "same bytes. `export` makes a notebook of a script: a line --%% begins a cell of code, and "
    .. "--[[md ... ]] is a cell of text. The cells run in one state; text, tables, pictures, "
    .. "players and errors stand below them. Of a folder it shows the runs at or below it: "
    .. "settings, curves, scores, sounds. `script` makes the script of a notebook again.")
  p:argument("action", "export or script"):choices { "export", "script" }
  p:argument("source", "export: FILE.lua, also as the prompt's save_session writes it, or a "
    .. "folder with runs; script: FILE.ipynb")
  p:option("-o --out", "the file to write; otherwise the source's name with another ending")
    :argname "FILE"
  p:flag("--no-run", "export: write the cells without running them")
  p:flag("--force", "script: write over a script that exists")
  p:flag("--allow-errors", "export: go on behind a cell that fails, and end with status 0")
  return p
end

-- Where to write: as asked, or beside the source under its name with another ending. Another ending
-- is refused, lest -o names the source.
local function target_of(given, old, new)
  local target = given.out or given.source:gsub("/+$", ""):gsub(old .. "$", "") .. new
  if target:sub(-#new) == new then return target end
  return nil, ("-o %s: the name must end in %s"):format(target, new)
end

local function export(given, target)
  local read = sys.is_dir(given.source) and require "notebook.run_cells".of
    or require "notebook.source".read
  local cells, why = read(given.source)
  if not cells then return nil, why end
  return require "notebook.export".write(cells, target, { source = given.source,
    run = not given.no_run, allow_errors = given.allow_errors })
end

local function script(given, target)
  if given.no_run or given.allow_errors then
    return nil, "--no-run and --allow-errors go with export alone"
  end
  if sys.exists(target) and not given.force then
    return nil, target .. " exists already; --force writes over it, -o names another file"
  end
  local cells, why = require "notebook.document".cells(given.source)
  if not cells then return nil, why end
  return sys.write_file(target, require "notebook.source".text(cells))
end

local ACTIONS = { export = { export, "%.lua", ".ipynb" }, script = { script, "%.ipynb", ".lua" } }

function M.run(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local act, old, new = table.unpack(ACTIONS[given.action])
  local target, why = target_of(given, old, new)
  if not target then return arguments.fail(why) end
  local ok
  ok, why = act(given, target)
  if not ok then return arguments.fail(why) end
  print("wrote " .. target)
  return 0
end

return M
