--- What `moonstem tag` says of a file: text, JSON, tables, pictures, a manifest.
local csv = require "moonstem.data.csv"
local figure = require "moonstem.figure"
local core_io = require "moonstem.core.io"
local duration = require("moonstem.sys").duration

local M = {}

local function class_name(classes, c) return classes[c] or "class " .. c end

-- Places of the tags by probability, the most likely first: at most `top` of `threshold` or more.
local function best(p, o)
  local order = {}
  for c = 1, #p do
    if p[c] >= (o.threshold or 0) then order[#order + 1] = c end
  end
  table.sort(order, function(a, b) return p[a] > p[b] or (p[a] == p[b] and a < b) end)
  return table.move(order, 1, math.min(o.top, #order), 1, {})
end

-- ---- text ------------------------------------------------------------------------------------
local function slice_line(sound, k, classes, o)
  local words = {}
  for i, c in ipairs(best(sound.each[k], o)) do
    words[i] = ("%s %.0f %%"):format(class_name(classes, c), 100 * sound.each[k][c])
  end
  words[1] = words[1] or "-"
  return ("  %5s  %s"):format(duration(sound.starts[k]), table.concat(words, ", "))
end

--- A function (file, probabilities, sound) that prints the best tags, and those of slices.
function M.text(classes, o)
  return function(file, p, sound)
    print(file)
    local order = best(p, o)
    if #order == 0 then print(("  no tag of %g %% or more"):format(100 * o.threshold)) end
    for _, c in ipairs(order) do
      print(("  %5.1f %%  %s"):format(100 * p[c], class_name(classes, c)))
    end
    for k = 1, o.slices and sound.slices or 0 do print(slice_line(sound, k, classes, o)) end
  end
end

-- ---- JSON ------------------------------------------------------------------------------------
local function by_name(p, classes)
  local tags = {}
  for c, value in ipairs(p) do tags[class_name(classes, c)] = value end
  return tags
end

--- The same as one line of JSON for each file.
function M.json(classes, o)
  return function(file, p, sound)
    local line = { file = file, tags = by_name(p, classes) }
    if o.slices then
      line.slices = {}
      for k, start in ipairs(sound.starts) do
        line.slices[k] = { start = start, seconds = sound.seconds,
          tags = by_name(sound.each[k], classes) }
      end
    end
    print(core_io.json_encode(line))
  end
end

-- ---- tables ----------------------------------------------------------------------------------
local DIGITS = { digits = 9 }

--- The same as a table: a line for each file, or for each slice with the second where it begins.
function M.csv(classes, o)
  local names
  local function begin(p)
    names = o.slices and { "file", "start" } or { "file" }
    for c = 1, #p do names[#names + 1] = class_name(classes, c) end
    io.write(csv.cells(names, #names))
  end
  return function(file, p, sound)
    if not names then begin(p) end
    if not o.slices then io.write(csv.cells({ file, table.unpack(p) }, #names, DIGITS)) end
    for k = 1, o.slices and sound.slices or 0 do
      io.write(csv.cells({ file, sound.starts[k], table.unpack(sound.each[k]) }, #names, DIGITS))
    end
  end
end

-- ---- pictures --------------------------------------------------------------------------------
-- Probabilities of the best tags (tag, slice).
local function matrix(order, sound)
  local rows = {}
  for i, c in ipairs(order) do
    rows[i] = {}
    for k = 1, sound.slices do rows[i][k] = sound.each[k][c] end
  end
  return rows
end

--- Draws the best tags over time, where any reaches the threshold; true, or nil and a message.
function M.picture(path, file, p, sound, classes, o)
  local order, names, starts = best(p, o), {}, {}
  if #order == 0 then return true end
  for i, c in ipairs(order) do names[i] = class_name(classes, c) end
  for k, start in ipairs(sound.starts) do starts[k] = duration(start) end
  return figure.heat_map(path, { x = require "moonstem.tensor".tensor(matrix(order, sound)),
    rows = names, columns = starts, range = { 0, 1 }, title = file:match "[^/]*$",
    x_label = "beginning of the slice", z_label = "probability" })
end

-- ---- a manifest ------------------------------------------------------------------------------
local HALF = 0.5

--- A manifest's line, which ms.data.manifest reads: the file, and the tags that reach the threshold
-- (a half unless it is given).
function M.manifest_line(file, p, classes, o)
  local labels = {}
  for c = 1, #p do
    if p[c] >= (o.threshold or HALF) then labels[#labels + 1] = class_name(classes, c) end
  end
  return csv.cells({ file, "test", table.concat(labels, ";") }, 3)
end

M.MANIFEST_HEAD = csv.cells({ "path", "split", "labels" }, 3)

return M
