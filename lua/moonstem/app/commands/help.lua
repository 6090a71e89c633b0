--- moonstem help NAME: the help that ?NAME shows at the prompt.
local arguments = require "moonstem.app.arguments"

local M = { summary = "help on a name of the library: moonstem help ms.audio.stft" }

local function print_topics(libraries, objects)
  print "moonstem help NAME: on a function, such as ms.audio.stft; on a library all its names\n"
  print(table.concat(libraries, "\n"))
  print("\nMethods, such as x:relu, by what examples call their object:\n  "
    .. table.concat(objects, " "))
end

function M.run(args)
  local parser = arguments.parser("help", "Help on a name of the library, as ?NAME at the prompt.")
  parser:argument("name", "such as ms.audio.stft, ms.audio or x:relu"):args "?"
  local given, status = arguments.parse(parser, args)
  if not given then return status end
  local help = require "moonstem.app.help"
  if not given.name then
    print_topics(help.topics())
    return 0
  end
  local text, why = help.of(given.name)
  if not text then return arguments.fail(why) end
  print(text)
  return 0
end

return M
