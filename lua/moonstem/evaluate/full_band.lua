--- Separation at a recording's own rate and channels: masks that a separator finds at 16 kHz in
-- mono scale the spectrum of each channel of the recording itself.
local core = require "moonstem.tensor"
local masks = require "moonstem.evaluate.masks"

local M = {}

local SQUARES = 1.5 -- what the squares of overlapping Hann windows add up to
local AT_ONCE = 256 -- frames at most

local Band = {}
Band.__index = Band

-- ---- masks on the recording's frames and bins ----------------------------------------------
-- For each bin of the recording the mask's bin, from 1, at the same frequency; `beyond` where there
-- is none.
local function bins_of(rate, size, beyond)
  local list = {}
  for k = 0, size // 2 do
    local hertz = k * rate / size
    list[k + 1] = hertz <= masks.TOP and math.floor(hertz / masks.SPACING + 0.5) + 1 or beyond
  end
  return list
end

-- Masks (S, frames, 321) with one more bin, which stands for all frequencies above theirs. Where
-- these belong to nobody, one more mask passes the rest alone.
local function extended(mask, above)
  local top = above == "average" and mask:slice(3, 1, masks.BAND):mean(3, { keep = true })
    or core.zeros { mask:size(1), mask:size(2), 1 }
  mask = core.ops.cat({ mask, top }, 3)
  if above ~= "zero" then return mask end
  local frames, bins = mask:size(2), mask:size(3)
  local band = core.ops.cat({ core.ones { 1, frames, bins - 1 }, core.zeros { 1, frames, 1 } }, 3)
  return core.ops.cat({ mask, band }, 1)
end

-- Where the recording's frame m (from 0) lies among the masks; not always a whole number.
function Band:place(m)
  return math.max((m - 1) * self.hop * masks.RATE / self.rate + 1, 0)
end

-- Of the next frames whose masks are known: the mask below in the list of known ones, from 1, and
-- how far each frame lies beyond it, 0 to 1.
function Band:places()
  local lower, shares = {}, {}
  local last = self.first + self.known:size(2) - 1
  for k = 1, AT_ONCE do
    local place = self:place(self.m + k - 1)
    local floor = math.floor(place + 1e-9)
    if not self.ended and math.ceil(place - 1e-9) > last then break end
    lower[k] = math.min(floor, last) - self.first + 1
    shares[k] = floor < last and math.max(place - floor, 0) or 0
  end
  return lower, shares
end

-- Masks (S, n, bins) of those frames.
function Band:masks(lower, shares)
  local mask = self.known:index_select(2, lower)
  if math.max(table.unpack(shares)) > 1e-6 then
    local upper = {}
    for k, i in ipairs(lower) do upper[k] = math.min(i + 1, self.known:size(2)) end
    local share = core.tensor_from(shares, { 1, #shares, 1 })
    mask = mask + (self.known:index_select(2, upper) - mask) * share
  end
  return mask:index_select(3, self.bins)
end

-- Forgets the masks of frames that are done.
function Band:forget()
  local first = math.min(math.floor(self:place(self.m) + 1e-9),
    self.first + self.known:size(2) - 1)
  local known = self.known:slice(2, first - self.first + 1, self.known:size(2)):clone()
  self:keep("known", known)
  self.first = first
end

-- ---- the recording -------------------------------------------------------------------------
-- Puts a tensor in place of a field's, beyond the open scopes.
function Band:keep(field, tensor)
  if self[field] then self[field]:close() end
  self[field] = core.keep(tensor)
end

-- The next n samples (C, n), filled up with silence after the end; or nil and a message.
function Band:read(n)
  if self.total then return core.zeros { self.channels, n } end
  local wave, why = self.source:read(n)
  why = why or self.source.odd
  if why then return nil, why end
  local got = wave and wave:size(1) or 0
  self.samples = self.samples + got
  if got < n then self.total = self.samples end
  local silence = core.zeros { self.channels, n - got }
  if got == 0 then return silence end
  wave = wave:reshape { got, self.channels }:permute { 2, 1 }
  return got == n and wave or core.ops.cat({ wave, silence }, 2)
end

-- Sources (S, C, samples) of a signal (C, samples), whose last three hops want the next frames.
function Band:scaled(signal, mask)
  local size = mask:size()
  local spectrum = signal:spectrum(self.window, self.hop)
  local parts = spectrum:reshape { 1, self.channels, size[2], size[3], 2 }
    * mask:reshape { size[1], 1, size[2], size[3], 1 }
  return parts:overlap_spectrum(self.synthesis, self.hop, 0, signal:size(2))
end

-- The samples of all stems (S + 1, C, n) that are complete now; what lacks later frames is kept.
function Band:stems(signal, sources, n)
  local overlap, whole = signal:size(2) - n, signal:size(2)
  if self.tail then
    local early = { {}, {}, { 1, overlap } }
    sources[early] = sources[early] + self.tail
  end
  self:keep("tail", sources:slice(3, n + 1, whole):clone())
  self:keep("before", signal:slice(2, n + 1, whole):clone())
  local mixture = signal:slice(2, 1, n):reshape { 1, self.channels, n }
  sources = sources:slice(3, 1, n)
  if self.above == "zero" then
    local count = sources:size(1)
    mixture, sources = sources:slice(1, count, count), sources:slice(1, 1, count - 1)
  end
  return core.ops.cat({ sources, mixture - sources:sum(1, { keep = true }) }, 1)
end

-- Hands out what lies inside the recording.
function Band:emit(stems, at)
  local n = stems:size(3)
  local first = math.max(1, 1 - at)
  local last = math.min(n, (self.total or math.huge) - at)
  if last < first then return true end
  self.done = at + last
  return self.visit(stems:slice(3, first, last))
end

-- ---- frames --------------------------------------------------------------------------------
-- Works on the frames whose masks are known. How many these were; or nil and a message.
function Band:advance()
  local _ <close> = core.scope()
  local lower, shares = self:places()
  if #lower == 0 then return 0 end
  local n = #lower * self.hop
  local block, why = self:read(n)
  if not block then return nil, why end
  local signal = core.ops.cat({ self.before, block }, 2)
  local stems = self:stems(signal, self:scaled(signal, self:masks(lower, shares)), n)
  local ok
  ok, why = self:emit(stems, (self.m - masks.OVERLAP + 1) * self.hop)
  if not ok then return nil, why end
  self.m = self.m + #lower
  self:forget()
  return #lower
end

function Band:is_done() return self.total and self.done >= self.total end

-- Goes on as far as the masks reach, or to the end.
function Band:run()
  repeat
    local n, why = self:advance()
    if not n then return nil, why end
  until n == 0 or self:is_done()
  return true
end

function Band:take(mask)
  if self:is_done() then return true end
  local _ <close> = core.scope()
  mask = extended(mask, self.above)
  self:keep("known", self.known and core.ops.cat({ self.known, mask }, 2) or mask:clone())
  return self:run()
end

function Band:close()
  for _, field in ipairs { "known", "tail", "before" } do
    if self[field] then self[field]:close() end
    self[field] = nil
  end
end

Band.__close = Band.close

local function new(source, above, visit)
  local hop = math.max(source.rate // masks.RATE, 1)
  local size = masks.OVERLAP * hop
  local window = masks.window(size)
  return setmetatable({ source = source, rate = source.rate, channels = source.channels,
    above = above, visit = visit, hop = hop, window = core.keep(window),
    synthesis = core.keep(window / SQUARES), bins = bins_of(source.rate, size, masks.BINS + 1),
    first = 0, m = 0, samples = 0, done = 0,
    before = core.keep(core.zeros { source.channels, size - hop }) }, Band)
end

--- Separates a recording. model: a separator; read: a reader of it (mono at 16 kHz); source: the
-- same recording as ms.audio.open gives it with mono = false. above: what becomes of frequencies
-- above 7.9 kHz: "average" (the mean mask of the frame), "rest" (all to the rest), "zero" (nobody
-- has them). visit(stems) gets (S + 1, C, n), the sources and the rest, stretch by stretch, and
-- returns true to go on, or nil and a message. Returns how many samples there were; or nil and a
-- message.
function M.each(model, read, source, above, visit)
  local band <close> = new(source, above, visit)
  local ok, why = masks.each(model, read, function(mask) return band:take(mask) end)
  if not ok then return nil, why end
  band.ended = true
  if band.known then
    ok, why = band:run()
    if not ok then return nil, why end
  end
  return band.done
end

return M
