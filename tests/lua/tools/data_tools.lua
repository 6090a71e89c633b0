--- Tiny data sets in the layouts of the real ones, for the tests of the data library.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local known = require "moonstem.data.mtat_tags"

local M = { RATE = 16000 }

function M.noise(seconds, rate)
  return ms.randn { math.floor(seconds * (rate or M.RATE)) } * 0.1
end

function M.write(path, wave, options, rate)
  assert(ms.sys.mkdir(path:match "^(.*)/"))
  assert(ms.audio.write(path, wave, rate or M.RATE, options))
end

function M.text(path, content)
  assert(ms.sys.mkdir(path:match "^(.*)/"))
  assert(ms.sys.write_file(path, content))
end

function M.remove(path)
  if ms.sys.is_dir(path) then
    for _, name in ipairs(ms.sys.list(path)) do M.remove(path .. "/" .. name) end
  end
  ms.sys.remove(path)
end

-- Gives every test of a table a folder of its own, which is removed afterwards. Returns folder(),
-- the name of one in it that is not there yet, and root(), the folder itself.
function M.folders(tests)
  local base, count
  own_folder(tests, function(path) base, count = path, 0 end)
  local function folder()
    count = count + 1
    return ("%s/%d"):format(base, count)
  end
  return folder, function() return base end
end

-- Runs `body` with a new folder that is removed afterwards, whatever happens.
function M.in_folder(body)
  return function()
    local folder = assert(ms.sys.tempdir())
    local good, why = xpcall(body, function(e)
      return type(e) == "string" and debug.traceback(e) or e
    end, folder)
    M.remove(folder)
    if not good then error(why, 0) end
  end
end

function M.refused(sentence, value, why)
  lu.assertNil(value)
  lu.assertStrContains(why, sentence)
end

function M.ids(items)
  local list = {}
  for i, item in ipairs(items) do list[i] = item.id end
  return list
end

M.STEMS = { "vocals", "other", "drums", "bass" }

function M.song(folder, seconds)
  local mixture
  for _, stem in ipairs(M.STEMS) do
    local wave = M.noise(seconds)
    mixture = mixture and mixture + wave or wave
    M.write(("%s/%s.wav"):format(folder, stem), wave, { encoding = "float" })
  end
  M.write(folder .. "/mixture.wav", mixture, { encoding = "float" })
end

function M.song_set(dir, seconds, names)
  for _, name in ipairs(names or { "A - 1", "B - 2", "C - 3", "D - 4" }) do
    M.song(("%s/train/%s"):format(dir, name), seconds)
  end
  M.song(dir .. "/test/E - 5", seconds)
end

-- annotations_final.csv with all 50 tags in another order plus some outside the top 50.
function M.annotations(rows, names)
  local header = { "clip_id" }
  for _, name in ipairs(names) do header[#header + 1] = name end
  header[#header + 1] = "mp3_path"
  local lines = { '"' .. table.concat(header, '"\t"') .. '"' }
  for i, row in ipairs(rows) do
    local fields, has = { tostring(i) }, {}
    for _, tag in ipairs(row.tags) do has[tag] = true end
    for _, name in ipairs(names) do fields[#fields + 1] = has[name] and "1" or "0" end
    fields[#fields + 1] = row.path
    lines[#lines + 1] = '"' .. table.concat(fields, '"\t"') .. '"'
  end
  return table.concat(lines, "\n") .. "\n"
end

function M.tag_names()
  local names = {}
  for i, tag in ipairs(known) do names[i] = tag[1] end
  return names
end

-- All 50 tags and three others, in another order than the labels'.
function M.shuffled_columns()
  local columns = M.tag_names()
  lu.assertEquals(#columns, 50)
  for _, other in ipairs { "clasical", "harpsicord", "zither" } do columns[#columns + 1] = other end
  table.sort(columns)
  return columns
end

-- A set whose train split has every tag: clip k of folder a carries tags k, k + 10, ...
function M.tag_set(dir, seconds)
  local names, rows = M.tag_names(), {}
  for k = 1, 10 do
    local tags = {}
    for t = k, 50, 10 do tags[#tags + 1] = names[t] end
    rows[k] = { path = ("a/clip%02d-0-29.mp3"):format(k), tags = tags }
  end
  for _, folder in ipairs { "c", "c", "d", "f" } do
    rows[#rows + 1] = { path = ("%s/clip%02d-0-29.mp3"):format(folder, #rows),
      tags = { "guitar", "zither" } }
  end
  for _, row in ipairs(rows) do
    M.write(dir .. "/" .. row.path:gsub("mp3$", "wav"), M.noise(seconds))
    ms.sys.rename(dir .. "/" .. row.path:gsub("mp3$", "wav"), dir .. "/" .. row.path)
  end
  return rows
end

M.GENRES = { "Electronic", "Instrumental", "Hip-Hop", "Country", "Spoken", "Old-Time / Historic",
  "Classical", "Blues", "International", "Pop", "Folk", "Jazz", "Experimental", "Easy Listening",
  "Rock", "Soul-RnB" }

-- tracks.csv with quoting horrors in columns that do not matter.
function M.tracks(rows)
  local lines = { ",album,artist,set,set,track,track", ",title,bio,split,subset,genre_top,title",
    "track_id,,,,,," }
  for _, r in ipairs(rows) do
    lines[#lines + 1] = ('%d,"A, ""B""","<p>one</p>\n<p>two, three</p>",%s,%s,%s,"x\r\ny"')
      :format(r[1], r[2], r[3], r[4])
  end
  return table.concat(lines, "\n") .. "\n"
end

function M.genre_rows()
  local rows = {}
  for g, genre in ipairs(M.GENRES) do
    rows[#rows + 1] = { 1000 * g, "training", g == 16 and "small" or "medium", genre }
  end
  rows[#rows + 1] = { 5, "validation", "medium", "Rock" }
  rows[#rows + 1] = { 6, "test", "small", "Jazz" }
  rows[#rows + 1] = { 7, "test", "medium", "Pop" }
  return rows
end

function M.genre_set(dir, rows, seconds)
  M.text(dir .. "/fma_metadata/tracks.csv", M.tracks(rows))
  for _, r in ipairs(rows) do
    local path = ("%s/fma_medium/%03d/%06d"):format(dir, r[1] // 1000, r[1])
    if r[3] ~= "large" then
      M.write(path .. ".mp3", M.noise(seconds or 0.2))
    end
  end
end

return M
