--- Names of bands and songs, and even draws from weighted tables.
local rng = require "standins.rng"

local names = {}

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local first = words [[Amber Basil Cedar Delta Ember Fable Grove Haven Iris Juno Kestrel Lumen Maple
  North Opal Pine Quill River Sable Thorn Umber Vesper Willow Yarrow Zephyr]]
local second = words [[Road Band Parade Choir Harbor Lights Engine Orchard Wolves Theory Club
  Letters Mirrors Avenue Circus Station]]

--- Two words.
function names.title(r)
  local one = r:pick(first)
  return one .. " " .. r:pick(second)
end

--- The k-th (from 1) of an endless list of draws from {{name, weight}, ...}: multiples of the
-- golden ratio, so that any stretch of the list holds every name about as often as its weight says.
-- The list starts where the seed says.
function names.draw(weighted, seed, purpose, k)
  local total = 0
  for _, entry in ipairs(weighted) do total = total + entry[2] end
  local u = (rng.new(seed, purpose):uniform() + k * 0.6180339887498949) % 1 * total
  for _, entry in ipairs(weighted) do
    u = u - entry[2]
    if u < 0 then return entry[1] end
  end
  return weighted[#weighted][1]
end

return names
