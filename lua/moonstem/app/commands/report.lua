--- moonstem report: a page about a run, or about all runs of a folder.
local arguments = require "moonstem.app.arguments"

local M = { summary = "write a page about a run, an experiment or all runs of a folder" }

function M.run(args)
  local parser = arguments.parser("report", "Writes a page about a run, or about all runs at or "
    .. "below a folder: scores with intervals, what they do not show, learning curves, "
    .. "spectrograms, sound, settings. The page holds everything: it can be sent as it is.")
  parser:argument("folder", "folder of a run, of an experiment, or of several runs")
  parser:option("-o --out", "the file to write: .html, or .md with pictures and sounds beside it "
    .. "(report.html in the folder)"):argname "FILE"
  parser:option("--title", "of the page")
  local given, status = arguments.parse(parser, args)
  if not given then return status end
  local ms = require "moonstem"
  local page, why = ms.report.of_run(arguments.path_of(given.folder),
    { out = given.out, title = given.title })
  if not page then return arguments.fail(why) end
  print("wrote " .. page)
  return 0
end

return M
