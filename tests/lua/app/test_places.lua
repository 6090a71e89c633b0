--- Places in sources as users read them.
local lu = require "luaunit"
local places = require "moonstem.app.places"

local tests = {}

local LIBRARY = package.searchpath("moonstem.app.places", package.path)
  :match "^(.+)moonstem/app/places%.lua$"

function tests.the_librarys_folder_is_left_out()
  lu.assertEquals(places.shorten(LIBRARY .. "moonstem/net.lua:12: no"), "moonstem/net.lua:12: no")
  lu.assertEquals(places.shorten "mine.lua:12: no", "mine.lua:12: no")
end

-- Lua cuts the front of paths that are longer than 60 letters.
function tests.cut_or_whole()
  for _, place in ipairs { "moonstem/app/song_progress.lua:51: ", "standins/mixing.lua:3: " } do
    for cut = 0, #LIBRARY - 1 do
      local text = "..." .. LIBRARY:sub(#LIBRARY - cut + 1) .. place .. "no"
      lu.assertEquals(places.shorten(text), place .. "no")
    end
  end
  local others = "...else/moonstem/net.lua:12: no"
  lu.assertEquals(places.shorten(others), others)
end

return tests
