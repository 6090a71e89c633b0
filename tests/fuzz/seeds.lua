--- Writes what libFuzzer begins with: moonstem seeds.lua FOLDER; FOLDER/NAME/ gets the seeds of
-- each reader, FOLDER/NAME.dict the words of its format. Prints the names.
package.path = (arg[0]:match "^.*/" or "./") .. "?.lua;" .. package.path
local readers = require "readers"
local sys = require "moonstem.core.sys"

local folder = assert(arg[1], "seeds.lua FOLDER")

local function escaped(word)
  return (word:gsub("[^%w]", function(c) return ("\\x%02X"):format(c:byte()) end))
end

local function put(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
end

local names = {}
for name in pairs(readers) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  local inside = ("%s/%s"):format(folder, name)
  assert(sys.mkdir(inside))
  for i, bytes in ipairs(readers[name].seeds(inside)) do
    put(("%s/seed-%d"):format(inside, i), bytes)
  end
  local words = {}
  for i, word in ipairs(readers[name].words) do words[i] = ('"%s"\n'):format(escaped(word)) end
  put(inside .. ".dict", table.concat(words))
  print(name)
end
