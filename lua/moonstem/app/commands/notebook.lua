--- moonstem notebook: scripts, saved sessions and runs as Jupyter notebooks, and back.
local arguments = require "moonstem.app.arguments"
local sys = require "moonstem.core.sys"

local M = { summary = "write a script, a session or a run as a Jupyter notebook" }

local function parser()
  local p = arguments.parser("notebook", "Notebooks for Jupyter (nbformat 4.5), which GitHub and "
    .. "editors show, too. Nothing of Jupyter is needed to write them, and the same source gives "
    .. "the same bytes.")
  p:command_target "command"
  local export = p:command("export", "Writes a notebook. Of a script: a line that begins with --%% "
    .. "begins a cell of code, and --[[md ... ]] is a cell of text; the cells run in one state, "
    .. "and text, tables, pictures, players and errors stand below them. Of a folder with a "
    .. "finished run: its settings, curves, scores and sounds.")
  export:argument("source", "FILE.lua, also as the prompt's save_session writes it, or the folder "
    .. "of a run")
  export:option("-o --output", "the notebook; otherwise the source's name with .ipynb")
    :argname "X.ipynb"
  export:flag("--no-run", "write the cells without running them")
  export:flag("--allow-errors", "go on behind a cell that fails, and end with status 0")
  local script = p:command("script",
    "Writes the script that a notebook was made from, or could be.")
  script:argument("source", "FILE.ipynb")
  script:option("-o --output", "the script; otherwise the source's name with .lua")
    :argname "X.lua"
  return p
end

-- Where to write: as asked, or beside the source under its name with another ending. Another ending
-- is refused, lest -o names the source.
local function target_of(given, old, new)
  local target = given.output or given.source:gsub("/+$", ""):gsub(old .. "$", "") .. new
  if target:sub(-#new) == new then return target end
  return nil, ("-o %s: the name must end in %s"):format(target, new)
end

local function wrote(target, ok, why)
  if not ok then return arguments.fail(why) end
  print("wrote " .. target)
  return 0
end

local function export(given)
  local target, wrong = target_of(given, "%.lua", ".ipynb")
  if not target then return arguments.fail(wrong) end
  local is_run = sys.is_dir(given.source)
  local cells, why = (is_run and require "notebook.run_cells".of or require "notebook.source".read)(
    given.source)
  if not cells then return arguments.fail(why) end
  return wrote(target, require "notebook.export".write(cells, target, { source = given.source,
    run = not given.no_run, allow_errors = given.allow_errors }))
end

local function script(given)
  local target, wrong = target_of(given, "%.ipynb", ".lua")
  if not target then return arguments.fail(wrong) end
  local cells, why = require "notebook.document".cells(given.source)
  if not cells then return arguments.fail(why) end
  return wrote(target, sys.write_file(target, require "notebook.source".text(cells)))
end

function M.run(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  return (given.command == "export" and export or script)(given)
end

return M
