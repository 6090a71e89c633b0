--- Reading sound piece by piece.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "audio_tools"

local audio = ms.audio
local name, spill, contents = tools.name, tools.spill, tools.contents
local clean, sine, assert_raises, assert_refuses =
  tools.clean, tools.sine, tools.assert_raises, tools.assert_refuses
local tests = {}

-- All pieces of a source, n samples at a time, as bytes; and how many pieces.
local function pieces(source, n)
  local bytes, count = {}, 0
  for piece in function() return source:read(n) end do
    count = count + 1
    bytes[count] = piece:bytes()
  end
  return table.concat(bytes), count
end

function tests.test_a_source_gives_the_bits_of_the_whole_in_pieces_of_any_size()
  local path = name "wav"
  assert(audio.write(path, ms.randn { 100000, 2 } * 0.1, 44100, { encoding = "float" }))
  for _, o in ipairs { {}, { rate = 16000 }, { rate = 96000, mono = false }, { mono = false },
                       { rate = 22050, start = 0.3, length = 1.1 }, { start = 1, length = 9 } } do
    local whole, rate = audio.read(path, o)
    for _, n in ipairs { 1 << 20, 12345, 4096, 999 } do
      local source <close> = assert(audio.open(path, o))
      lu.assertEquals({ source.rate, source.channels, source.seconds },
        { rate, o.mono == false and 2 or 1, 100000 / 44100 })
      local bytes, count = pieces(source, n)
      lu.assertTrue(bytes == whole:bytes())
      lu.assertEquals(count, math.ceil(whole:size(1) / n))
      lu.assertNil(source:read(n))
      lu.assertNil(source.notice)
    end
  end
  clean()
end

function tests.test_a_source_names_the_sample_that_is_no_sound()
  for _, odd in ipairs { 0 / 0, -1 / 0, 1e20 } do
    local path, x = name "wav", ms.zeros { 100000, 2 }
    x:set(70000, 2, odd)
    x:set(80000, 1, odd)
    assert(audio.write(path, x, 44100, { encoding = "float" }))
    local source <close> = assert(audio.open(path, { rate = 16000, start = 0.5 }))
    assert(source:read(1000))
    lu.assertNil(source.odd)
    pieces(source, 1000)
    lu.assertEquals(source.odd, path .. ": sample 70000 at 44100 Hz (1.59 s) is "
      .. (odd == 1e20 and "1e+20, where full scale is 1" or "not a finite number"))
  end
  clean()
end

function tests.test_a_source_tells_of_damage_at_its_end()
  local path = name "mp3"
  assert(audio.write(path, sine(440, 44100, 3 * 44100), 44100))
  local bytes = contents(path)
  local short = spill("mp3", bytes:sub(1, #bytes // 2))
  local wave, _, notice = audio.read(short)
  local source <close> = assert(audio.open(short))
  lu.assertTrue(pieces(source, 5000) == wave:bytes())
  lu.assertEquals(source.notice, notice)
  lu.assertStrContains(notice, "declared")
  assert_refuses("No such file", audio.open, "/no/such/file.wav")
  assert_raises("n must be 1", source.read, source, 0)
  assert_raises("did you mean start", audio.open, path, { strat = 1 })
  source:close()
  assert_raises("closed", source.read, source, 1)
  clean()
end

return tests
