--- The page recipes/differences.md: complete, and honest about the options that it names.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local ROOT = places.ROOT

local tests = {}

--- A set of songs that claim a length and have no files.
local function claimed_songs()
  local songs = {}
  for i = 1, 8 do
    local stems = {}
    for _, stem in ipairs { "mixture", "vocals", "other", "drums", "bass" } do
      stems[stem] = stem .. i
    end
    songs[i] = { id = "song" .. i, samples = 13 * 16000, stems = stems }
  end
  return { kind = "songs", name = "claimed", items = function() return songs end }
end

--- What the page's code calls by name, all of it small.
local function names_of_the_page()
  local unet = ms.models.unet { widths = { 2, 2, 4, 4, 6, 6 } }
  local tail = ms.models.cnn_tail { widths = { 4, 4, 4, 4, 4, 4, 4 }, hidden = 8 }
  local ast = { kind = "ast", dim = 12, heads = 3, depth = 12, frames = 128 }
  return setmetatable({ ms = ms,
    unet = unet, separator = ms.models.separator { unet = unet }, tail = tail, ast = ast,
    tail_only = ms.models.tail_only { tail = tail },
      ast_tagger = ms.models.tagger { unet = unet, tail = ast },
    tagger = ms.models.tagger { unet = unet, tail = { widths = { 4, 4, 4, 4, 4, 4, 4 },
      hidden = 8 } },
    songs = claimed_songs(), dir = "/nowhere", FILE = "/nowhere/file.safetensors",
    layout = dofile(ROOT .. "recipes/paper.lua").table_one, scores = { { 0, 1 } }, classes = { 2 },
  }, { __index = _G })
end

--- The page, its calls (spans and lines of code that begin with ms.) and the files it names.
local function page()
  local text = assert(ms.sys.read_file(ROOT .. "recipes/differences.md"))
  local calls, files = {}, {}
  for span in text:gmatch "`([^`\n]+)`" do
    if span:find "^ms%." then calls[#calls + 1] = span end
    if span:find "^%a+/[%w_/]+%.lua$" then files[#files + 1] = span end
  end
  for line in text:gmatch "\n    (ms%.[^\n]+)" do calls[#calls + 1] = line end
  return text, calls, files
end

function tests.the_page_has_every_difference_once()
  local number = 0
  for line in page():gmatch "[^\n]+" do
    local cells = {}
    for cell in line:gmatch "|([^|]*)" do cells[#cells + 1] = cell:match "^%s*(.-)%s*$" end
    if tonumber(cells[1]) then
      number = number + 1
      lu.assertEquals(tonumber(cells[1]), number)
      for column = 2, 6 do
        lu.assertTrue(cells[column] ~= "", ("row %d, column %d"):format(number, column))
      end
    end
  end
  lu.assertEquals(number, 32)
end

--- Every call on the page runs, and none of the options in it could have another name.
function tests.the_page_names_options_that_there_are()
  local _, calls, files = page()
  local env, renamed = names_of_the_page(), 0
  for _, path in ipairs(files) do lu.assertTrue(ms.sys.exists(ROOT .. path), path) end
  for _, call in ipairs(calls) do
    local _ <close> = ms.scope()
    local ok, why = pcall(assert(load("return " .. call, "=page", "t", env)))
    lu.assertTrue(ok, ("%s: %s"):format(call, why))
    for at, name in call:gmatch "()([%a_]+) =" do
      local other = call:sub(1, at - 1) .. name .. "_" .. call:sub(at + #name)
      ok, why = pcall(assert(load("return " .. other, "=page", "t", env)))
      lu.assertFalse(ok, other)
      lu.assertStrContains(why, "option " .. name .. "_")
      renamed = renamed + 1
    end
  end
  lu.assertTrue(#calls >= 30 and renamed >= 40)
end

return tests
