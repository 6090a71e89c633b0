--- moonstem report: a page about a run, or about all runs of a folder.
local arguments = require "moonstem.app.arguments"
local example = require "moonstem.report.example"
local folders = require "moonstem.report.folders"
local losses = require "moonstem.report.losses"

local M = { summary = "write a page about a run, an experiment or all runs of a folder" }

local function parser()
  local p = arguments.parser("report", "Writes a page about a run, or about all runs at or "
    .. "below a folder: scores with intervals, what they do not show, learning curves, "
    .. "spectrograms, sound, settings. The page holds everything: it can be sent as it is.")
  p:argument("folder", "folder of a run, of an experiment, or of several runs")
  p:option("-o --out", "the file to write: .html, or .md with pictures and sounds beside it "
    .. "(report.html in the folder)"):argname "FILE"
  p:option("--title", "of the page"):argname "TEXT"
  p:option("--songs", "folder of MUSDB18, from which separators that have kept no example of a "
    .. "test song get one"):argname "DIR"
  return p
end

-- Keeps an example of a test song for a separator that has none; true, or nil and a message.
local function keep_example(ms, dir, dataset)
  local run, why = folders.about(dir)
  if not run then return nil, why end
  if losses.kind(run) ~= "separation" or example.is_kept(dir) then return true end
  local model
  model, why = ms.lab.load(arguments.path_of(dir))
  if not model then return nil, why end
  return example.keep(dir, model, dataset, run.settings.task.source)
end

local function keep_examples(ms, folder, songs)
  local dataset, why = ms.data.musdb18(songs)
  if not dataset then return nil, why end
  for _, dir in ipairs(folders.below(folder)) do
    local ok
    ok, why = keep_example(ms, dir, dataset)
    if not ok then return nil, why end
  end
  return true
end

function M.run(args)
  local given, status = arguments.parse(parser(), args)
  if not given then return status end
  local ms = require "moonstem"
  local page, ok, why = nil, true, nil
  if given.songs then ok, why = keep_examples(ms, given.folder, given.songs) end
  if ok then
    page, why = ms.report.of_run(arguments.path_of(given.folder),
      { out = given.out, title = given.title })
  end
  if not page then return arguments.fail(why) end
  print("wrote " .. page)
  return 0
end

return M
