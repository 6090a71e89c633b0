--- Arguments of commands, by lua-argparse; a mistake is told in a line and gives exit status 2.
local command_line = require "moonstem.sys.parser"
local renamed = require "moonstem.renamed"
local sys = require "moonstem.core.sys"

local M = {}

--- The help of the option --define, for commands that load a model.
M.DEFINE = "script that defines the network, where neither the library does nor the script that "
  .. "the checkpoint names"

--- A parser for `moonstem NAME ...`; add arguments to it as argparse has it.
function M.parser(name, description)
  return command_line.new("moonstem " .. name, description):help_max_width(88)
end

local wanted = false -- whether somebody asks for a command's parser instead of its work

--- The parser that a command makes for these arguments (none: its own), or nil.
function M.parser_of(command, args)
  wanted = true
  local _, parser = pcall(command.run, args or {})
  wanted = false
  return type(parser) == "table" and parser.pparse and parser or nil
end

--- Returns the parsed arguments; or prints the mistake, and returns nil and the exit status. --help
-- ends the program here.
function M.parse(parser, args)
  if wanted then error(parser, 0) end
  local result, why = command_line.parse(parser, args)
  if result then return result end
  command_line.complain(parser, why)
  return nil, 2
end

--- A name from the command line as a path, which ms.lab.load takes for a folder or file.
function M.path_of(name)
  return name:find "^%.?%.?/" and name or "./" .. name
end

--- Writes a message to standard error.
function M.warn(what)
  io.stderr:write("moonstem: ", tostring(what), "\n")
end

--- Writes why a command failed; returns exit status 1.
function M.fail(why)
  M.warn(why)
  return 1
end

--- Writes why arguments make no sense; returns exit status 2.
function M.misuse(why)
  M.warn(why)
  return 2
end

--- The model that parsed arguments name (options model and define) and what its file says about it;
-- or nil and the exit status. what: the kind of network that the command needs; fits(name): whether
-- a network is one. A script that defines a network may use the global ms.
function M.load(o, what, fits)
  _G.ms = require "moonstem"
  local model, about = _G.ms.lab.load(M.path_of(o.model), { define = o.define })
  if not model then return nil, M.fail(about) end
  if fits(model.name) then return model, about end
  return nil, M.fail(("%s holds a %s, not a %s"):format(o.model, model.name, what))
end

-- Takes the model from in front of the files, where version 0.1 had it.
local function model_in_front(command, o)
  local first = #o.files > 1 and o.files[1] or ""
  local is_model = first:find "%.safetensors$" or sys.exists(first .. "/best.safetensors")
  if is_model and renamed.name(command, "RUN FILE") then o.model = table.remove(o.files, 1) end
end

--- Parses, and loads the model as M.load does: the parsed arguments, the model and what its file
-- says about it; or nil and the exit status.
function M.with_model(parser, args, what, fits)
  local o, status = M.parse(parser, args)
  if not o then return nil, status end
  if not o.model then model_in_front(parser._name, o) end
  if not o.model then
    return nil, M.misuse("--model is missing: the folder of a run, such as runs/NAME/..., or a "
      .. ".safetensors file")
  end
  local model, about = M.load(o, what, fits)
  if not model then return nil, about end
  return o, model, about
end

--- Adds what commands take that hear recordings with a tagger: the files, and its model.
function M.add_recordings(parser)
  parser:argument("files", "audio (WAV, FLAC, OGG, MP3, M4A, videos, ...), or folders of it")
    :args "+"
  parser:option("--model", "folder of a tagging run, a .safetensors file, or a folder of the "
    .. "Python package musicnn, such as MTT_musicnn"):argname "RUN"
end

--- The same as with_model, for a tagger.
function M.with_tagger(parser, args)
  return M.with_model(parser, args, "tagger", function(name)
    return name ~= "separator" and name ~= "unet"
  end)
end

--- For an option's convert: whole(least), a whole number, `least` or more.
M.whole = command_line.whole

--- For an option's convert: a number from 0 to 1.
function M.share(text)
  local x = tonumber(text)
  if x and x >= 0 and x <= 1 then return x end
  return nil, ("a number from 0 to 1 is expected, got '%s'"):format(text)
end

--- Does work(item, place) for each item, { file = ... }. It returns true, or nil and a message,
-- which is printed; the others are worked on all the same. A last line counts them where some
-- failed. done: the verb of that line. Returns the exit status, 1 where some failed.
function M.each(items, done, work)
  local good = 0
  for place, item in ipairs(items) do
    local ok, why = work(item, place)
    if ok then good = good + 1 else M.warn(why) end
  end
  if #items > 1 and good < #items then
    M.warn(("%d of %d files were %s"):format(good, #items, done))
  end
  return good == #items and 0 or 1
end

return M
