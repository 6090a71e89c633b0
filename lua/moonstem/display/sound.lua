--- Sounds as values: a wave and its rate, which can be heard, saved, and shown as a player.
local audio = require "moonstem.audio"
local base64 = require("moonstem.core.io").base64
local channels_of = require "moonstem.figure.channels"
local folder = require "moonstem.display.folder"
local given = require "moonstem.figure.options"
local ops = require("moonstem.tensor").ops
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"
local sys = require "moonstem.core.sys"
local words = require "moonstem.figure.words"

local Sound = {}
Sound.__index = Sound

local M = {}

local EMBEDDED = 60 -- seconds of a sound that a page holds

-- ---- making ----------------------------------------------------------------------------------
-- A recording (sample) or (sample, channel) of any wave; raises where it holds what is no number.
local function recording_of(x, who)
  local channels = channels_of(x, who .. ": x")
  local wave = #channels == 1 and channels[1] or ops.stack(channels, 2)
  if wave:count() == 0 then error(who .. ": x is empty", 0) end
  if not wave:finite() then error(who .. ": x holds numbers that are not finite", 0) end
  return wave
end

local function new(wave, rate, title)
  local low, high = wave:extent()
  return setmetatable({ wave = wave, rate = rate, title = title, samples = wave:size(1),
    seconds = wave:size(1) / rate, channels = #wave:size() == 1 and 1 or wave:size(2),
    peak = math.max(math.abs(low), math.abs(high)) }, Sound)
end

local OF_WAVE = { rate = options_of.needed(options_of.count), title = options_of.string }
local OF_FILE = { from = 0.0, seconds = options_of.positive }

local function of_file(path, options, who)
  local o = options_of(options, who, OF_FILE)
  local wave, rate = audio.read(path, { mono = false })
  if not wave then return nil, rate end
  local first = math.floor(o.from * rate) + 1
  local last = o.seconds and math.min(first + math.floor(o.seconds * rate) - 1, wave:size(1))
    or wave:size(1)
  if first < 1 or first > wave:size(1) then
    return nil, ("%s: %g s is beyond its length of %g s"):format(path, o.from, wave:size(1) / rate)
  end
  return new(recording_of(wave[{ { first, last }, {} }], who), rate, path:match "[^/]*$")
end

--- A sound of a wave with options { rate =, title = }, of a file with { from = 0, seconds = }, or
-- the sound itself; nil and a message where a file cannot be read. who: for messages.
function M.of(x, options, who)
  if getmetatable(x) == Sound then
    options_of.check(options or {}, who, {})
    return x
  end
  if type(x) == "string" then return of_file(x, options, who) end
  if not given.is_tensor(x) and type(x) ~= "table" then
    error(("%s: a wave, the path of a file or a sound is expected, got %s"):format(who,
      given.shown(x)), 0)
  end
  local o = options_of(options, who, OF_WAVE)
  return new(recording_of(x, who), o.rate, o.title)
end

-- ---- what it is ------------------------------------------------------------------------------
--- sound:save("x.wav") -> the path, or nil and a message; then a notice, if its level was changed
-- The ending says the kind, as for ms.audio.write.
function Sound:save(path)
  local ok, notice = audio.write(path, self.wave, self.rate)
  if not ok then return nil, notice end
  return path, notice
end

function Sound:__tostring()
  return ("sound%s: %s s at %d Hz, %s, peak %s%s"):format(
    self.title and " " .. self.title or "", words.number(self.seconds), self.rate,
    words.count(self.channels, "channel"), words.number(self.peak),
    self.peak > 1 and ", above full scale" or "")
end

-- ---- as a player of a page -------------------------------------------------------------------
-- The bytes of a FLAC file of the first seconds, and notices; or nil and a message.
local function flac(self)
  local wave, notices = self.wave, {}
  local most = EMBEDDED * self.rate
  if self.samples > most then
    wave = wave[#wave:size() == 1 and { { 1, most } } or { { 1, most }, {} }]
    notices[1] = ("the first %d s of %s s"):format(EMBEDDED, words.number(self.seconds))
  end
  local path, why = folder.name "flac"
  if not path then return nil, why end
  local ok, notice = audio.write(path, wave, self.rate)
  if not ok then return nil, notice end
  if notice then
    notices[#notices + 1] = ("turned down from a peak of %s to full scale"):format(
      words.number(self.peak))
  end
  local bytes = sys.read_file(path)
  sys.remove(path)
  return bytes, table.concat(notices, "; ")
end

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escaped(text) return (text:gsub('[&<>"]', ESCAPES)) end

-- FLAC: every browser plays it, and nothing is lost.
function Sound:__display()
  local bytes, notice = flac(self)
  local alt = tostring(self)
  if not bytes then return { ["text/plain"] = ("%s (%s)"):format(alt, notice), alt = alt } end
  local html = ('<audio controls preload="none" aria-label="%s" \z
    src="data:audio/flac;base64,%s"></audio>'):format(escaped(alt), base64(bytes))
  if self.title then html = ("<div>%s</div>%s"):format(escaped(self.title), html) end
  if notice ~= "" then html = ("%s<br><small>%s</small>"):format(html, escaped(notice)) end
  return { ["text/html"] = html, alt = alt }
end

strict.class(Sound, "sound", { "title" })

return M
