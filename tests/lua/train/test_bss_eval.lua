--- BSS Eval against values of Python's museval 0.4.1; tests/museval.lua compares many more.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

local N, CHANNELS = 3000, 2

-- Noise that any program computes to the bit: whole numbers over 2048.
local function noise(s, c)
  local list = {}
  for i = 1, N do
    list[i] = ((i * i * (7 + s) + i * (13 * c + 5) + s * 977 + c * 331) % 2003 - 1001) / 2048
  end
  return list
end

-- References and estimates (2, N, 2): leaks, a filter, noise; the second reference ends early.
local function signals()
  local r, e = {}, {}
  for s = 1, 2 do
    r[s] = {}
    for c = 1, CHANNELS do r[s][c] = noise(s - 1, c - 1) end
  end
  for c = 1, CHANNELS do for n = 2001, N do r[2][c][n] = 0 end end
  for c = 1, CHANNELS do
    local hiss, one, two, other = noise(5, c - 1), {}, {}, r[2][3 - c]
    for n = 1, N do
      one[n] = 0.75 * r[1][c][n] + 0.125 * r[2][c][n] + hiss[n] / 16
      two[n] = other[n] * 0.5 + r[1][c][n] * 0.25 + (n > 1 and r[2][c][n - 1] * 0.25 or 0)
    end
    e[c] = { one, two }
  end
  return ms.tensor(r):permute { 1, 3, 2 }, ms.tensor(e):permute { 2, 3, 1 }
end

local NAN = 0 / 0

local function check(got, wanted)
  for name, sources in pairs(wanted) do
    lu.assertEquals(#got[name], #sources)
    for s, frames in ipairs(sources) do
      lu.assertEquals(#got[name][s], #frames)
      for t, value in ipairs(frames) do
        local here = got[name][s][t]
        if value ~= value then lu.assertTrue(here ~= here)
        else lu.assertAlmostEquals(here, value, 1e-6, name) end
      end
    end
  end
end

function tests.frames_of_stereo_sources_one_of_them_silent()
  local r, e = signals()
  check(ms.metrics.bss_eval(r, e, { window = 1000, hop = 500, filters = 16 }), {
    sdr = { { 10.7983901, 11.0344643, 10.9877046, 11.1925079, NAN },
      { -1.59324278, -1.45490084, -1.1911139, -1.34908542, NAN } },
    isr = { { 12.0455569, 12.0737789, 12.0777794, 12.0502401, NAN },
      { -1.37855338, -1.26993115, -1.00823188, -0.886097475, NAN } },
    sir = { { 15.7314995, 15.704396, 15.508187, 18.449511, NAN },
      { 7.03482957, 6.98516738, 6.86703896, 3.76211349, NAN } },
    sar = { { 21.9510925, 21.9668357, 21.687509, 21.609067, NAN },
      { 35.7203106, 37.523414, 35.2031703, 38.1016894, NAN } },
  })
end

function tests.all_samples_of_mono_sources_with_long_filters()
  local r, e = signals()
  local function mono(x) return x[{ {}, {}, 1 }] end
  check(ms.metrics.bss_eval(mono(r), mono(e)), {
    sdr = { { 11.1306387 }, { -1.56525797 } }, isr = { { 11.8396965 }, { -0.631273438 } },
    sir = { { 17.7950461 }, { 0.83310518 } }, sar = { { 24.0189865 }, { 1.75234801 } },
  })
end

function tests.sdr_of_the_references_themselves_is_infinite_but_for_rounding()
  local r = signals()
  local scores = ms.metrics.bss_eval(r, r, { filters = 8 })
  for s = 1, 2 do lu.assertTrue(scores.sdr[s][1] > 150) end
end

function tests.the_same_bits_for_any_number_of_threads()
  local r, e = signals()
  local before, first = ms.threads(), nil
  for _, threads in ipairs { 1, 2, 3 } do
    ms.threads(threads)
    local scores = ms.metrics.bss_eval(r, e, { window = 500, filters = 16 })
    first = first or scores
    for name, sources in pairs(first) do
      for s, frames in ipairs(sources) do
        for t, value in ipairs(frames) do
          local here = scores[name][s][t]
          lu.assertTrue(here == value or value ~= value and here ~= here)
        end
      end
    end
  end
  ms.threads(before)
end

function tests.medians_leave_out_what_is_undefined()
  local function track(a, b)
    return { sdr = { a, b }, isr = { a, b }, sir = { a, b }, sar = { a, b } }
  end
  local summary = ms.metrics.bss_summary { track({ 1, NAN, 3, 5 }, { NAN, NAN }),
    track({ 7 }, { NAN }), track({ 4, 4, NAN }, { NAN }) }
  lu.assertEquals(summary.sdr[1], 4)
  lu.assertTrue(summary.sar[2] ~= summary.sar[2])
end

function tests.wrong_calls()
  local r, e = signals()
  lu.assertErrorMsgContains("the references are 2x3000x2, but the estimates 1x3000x2",
    ms.metrics.bss_eval, r, e[{ { 1, 1 } }])
  lu.assertErrorMsgContains("got 3000", ms.metrics.bss_eval, r[{ 1, {}, 1 }], e[{ 1, {}, 1 }])
  lu.assertErrorMsgContains("at most 16384 taps", ms.metrics.bss_eval, r, e, { filters = 5000 })
  local broken = e:clone()
  broken[{ 1, 5, 1 }] = NAN
  lu.assertErrorMsgContains("not finite", ms.metrics.bss_eval, r, broken)
  local same = ms.ops.cat({ r[{ { 1, 1 } }], r[{ { 1, 1 } }] }, 1)
  local ok, why = pcall(ms.metrics.bss_eval, same, same, { filters = 2 })
  lu.assertTrue(ok or why:find "not independent" ~= nil, why)
end

return tests
