--- The short form of tests/valid_files.lua: a few files of all sorts, read as ffmpeg decodes them,
-- at any place.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local valid = dofile(places.TESTS .. "valid_files.lua")

local tests = {}

function tests.files_of_all_sorts_are_read_as_ffmpeg_decodes_them()
  for _, program in ipairs { "ffmpeg", "sox" } do
    if ms.sys.run { "sh", "-c", "command -v " .. program, stdout = "/dev/null" } ~= 0 then
      lu.skip(program .. " is not installed")
    end
  end
  local folder = os.tmpname()
  os.remove(folder)
  assert(ms.sys.mkdir(folder))
  local _, wrong = valid.run { folder = folder, files = 20, seed = 1, crops = 2, longest = 1 }
  ms.sys.remove(folder)
  lu.assertEquals(wrong, {})
end

return tests
