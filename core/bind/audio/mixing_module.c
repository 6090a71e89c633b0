/* The Lua module moonstem.core.mixing: the mixing desk of core/audio/mixing.h. Waves are tensors
   (sample) or (sample, channel); functions that change a wave change it in place and return it. */
#include "../../audio/mixing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../base/error.h"
#include "../open.h"
#include "../scope.h"

/* A wave: one or two dimensions, one or two channels. */
static ms_tensor *wave(lua_State *L, int arg)
{
  ms_tensor *t = lms_tensor(L, arg);
  int fits = t->ndim == 1 || (t->ndim == 2 && (t->dim[1] == 1 || t->dim[1] == 2));
  if (!fits)
    luaL_argerror(L, arg, "a wave (sample) or (sample, channel) of 1 or 2 channels is expected");
  return t;
}

static int result(lua_State *L, int status)
{
  if (status != 0) return lms_raise(L);
  ms_tensor_changed(lms_tensor(L, 1));
  lua_settop(L, 1);
  return 1;
}

/* ---- making and moving ------------------------------------------------------------------ */
static ms_tensor *new_wave(lua_State *L, lua_Integer frames, lua_Integer channels)
{
  if (frames < 0 || frames > (lua_Integer)1 << 40)
    luaL_error(L, "a wave cannot have %I samples", frames);
  if (channels != 1 && channels != 2)
    luaL_error(L, "a wave has 1 or 2 channels, not %I", channels);
  size_t dim[2] = { (size_t)frames, 2 };
  lms_push_tensor(L, ms_tensor_zeros((int)channels, dim));
  return lms_tensor(L, -1);
}

/* read_raw(path, frames): a file of float32 stereo, cut or filled up with silence; and the
   frames that it gave */
static int mix_read_raw(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  ms_tensor *t = new_wave(L, luaL_checkinteger(L, 2), 2);
  FILE *f = fopen(path, "rb");
  if (!f) {
    ms_fail("%s cannot be read: %s", path, strerror(errno));
    return lms_refuse(L);
  }
  float block[2048];
  size_t done = 0;
  for (size_t n; done < t->count; done += n) {
    size_t want = t->count - done < 2048 ? t->count - done : 2048;
    if (!(n = fread(block, sizeof *block, want, f))) break;
    for (size_t i = 0; i < n; i++) t->data[done + i] = (real)block[i];
  }
  fclose(f);
  lua_pushinteger(L, (lua_Integer)(done / 2));
  return 2;
}

/* from_pcm16(bytes): mono wave of little-endian 16-bit samples */
static int mix_from_pcm16(lua_State *L)
{
  size_t size;
  const unsigned char *b = (const unsigned char *)luaL_checklstring(L, 1, &size);
  ms_tensor *t = new_wave(L, (lua_Integer)(size / 2), 1);
  for (size_t i = 0; i < t->count; i++)
    t->data[i] = (real)((int16_t)(b[2 * i] | b[2 * i + 1] << 8) / 32768.0);
  return 1;
}

/* pcm16(wave): its samples times 32768, rounded and held to 16 bits, as bytes */
static int mix_pcm16(lua_State *L)
{
  ms_tensor *t = wave(L, 1);
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(L, &buffer, 2 * t->count);
  for (size_t i = 0; i < t->count; i++) {
    double k = rint((double)t->data[i] * 32768);
    int v = k > 32767 ? 32767 : k >= -32768 ? (int)k : -32768;
    out[2 * i] = (char)(v & 255);
    out[2 * i + 1] = (char)(v >> 8 & 255);
  }
  luaL_pushresultsize(&buffer, 2 * t->count);
  return 1;
}

/* ---- levels ------------------------------------------------------------------------------- */
static int mix_rms(lua_State *L)
{
  lua_pushnumber(L, ms_mix_rms(wave(L, 1)));
  return 1;
}

/* active_rms(wave, window) */
static int mix_active_rms(lua_State *L)
{
  lua_Integer window = luaL_optinteger(L, 2, 4410);
  double level = ms_mix_active_rms(wave(L, 1), window > 0 ? (size_t)window : 0);
  if (level < 0) return lms_raise(L);
  lua_pushnumber(L, level);
  return 1;
}

/* ---- in place ------------------------------------------------------------------------------- */
/* add(into, wave, at, gain, gain of the right channel): `at` counts samples from 0 */
static int mix_add(lua_State *L)
{
  double left = luaL_optnumber(L, 4, 1), gain[2] = { left, luaL_optnumber(L, 5, left) };
  lua_Integer at = luaL_optinteger(L, 3, 0);
  return result(L, ms_mix_add(wave(L, 1), wave(L, 2), at, gain));
}

/* NAME(wave, ...) in place. ring: turns per sample; noise: seed, level */
#define IN_PLACE(name, given)                                                                    \
  static int mix_##name(lua_State *L)                                                            \
  {                                                                                              \
    ms_mix_##name given;                                                                         \
    return result(L, 0);                                                                         \
  }
IN_PLACE(scale, (wave(L, 1), luaL_checknumber(L, 2)))
IN_PLACE(clip, (wave(L, 1), luaL_checknumber(L, 2)))
IN_PLACE(quantise, (wave(L, 1)))
IN_PLACE(drive, (wave(L, 1), luaL_checknumber(L, 2)))
IN_PLACE(ring, (wave(L, 1), luaL_checknumber(L, 2)))
IN_PLACE(reverse, (wave(L, 1)))
IN_PLACE(noise, (wave(L, 1), (uint64_t)luaL_checkinteger(L, 2), luaL_checknumber(L, 3)))

/* filter(wave, {b0, b1, b2, a1, a2}, dry, wet) */
static int mix_filter(lua_State *L)
{
  double coef[5];
  luaL_checktype(L, 2, LUA_TTABLE);
  for (int i = 0; i < 5; i++) {
    lua_rawgeti(L, 2, i + 1);
    coef[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  ms_mix_filter(wave(L, 1), coef, luaL_optnumber(L, 3, 0), luaL_optnumber(L, 4, 1));
  return result(L, 0);
}

/* even(wave, window, target, least, power) */
static int mix_even(lua_State *L)
{
  ms_tensor *x = wave(L, 1);
  lua_Integer window = luaL_checkinteger(L, 2);
  if (window < 1) return luaL_error(L, "even: the window must hold a sample");
  return result(L, ms_mix_even(x, (size_t)window, luaL_checknumber(L, 3),
                               luaL_checknumber(L, 4), luaL_checknumber(L, 5)));
}

/* reverb(into, wave, rate, time, wet, size) */
static int mix_reverb(lua_State *L)
{
  return result(L, ms_mix_reverb(wave(L, 1), wave(L, 2), luaL_checknumber(L, 3),
                                 luaL_checknumber(L, 4), luaL_checknumber(L, 5),
                                 luaL_optnumber(L, 6, 1)));
}

/* pump(wave, period in samples, depth) */
static int mix_pump(lua_State *L)
{
  double period = luaL_checknumber(L, 2);
  luaL_argcheck(L, period >= 1, 2, "the period must be a sample or more");
  ms_mix_pump(wave(L, 1), period, luaL_checknumber(L, 3));
  return result(L, 0);
}

/* pulses(wave, seed, count, level) */
static int mix_pulses(lua_State *L)
{
  lua_Integer count = luaL_checkinteger(L, 3);
  luaL_argcheck(L, count >= 0, 3, "a count cannot be negative");
  ms_mix_pulses(wave(L, 1), (uint64_t)luaL_checkinteger(L, 2), (size_t)count,
                luaL_checknumber(L, 4));
  return result(L, 0);
}

static const lms_function functions[] = {
  { "read_raw", mix_read_raw, 2 },
  { "from_pcm16", mix_from_pcm16, 1 },
  { "pcm16", mix_pcm16, 1 },
  { "rms", mix_rms, 1 },
  { "active_rms", mix_active_rms, 2 },
  { "add", mix_add, 5 },
  { "scale", mix_scale, 2 },
  { "clip", mix_clip, 2 },
  { "quantise", mix_quantise, 1 },
  { "filter", mix_filter, 4 },
  { "even", mix_even, 5 },
  { "reverb", mix_reverb, 6 },
  { "drive", mix_drive, 2 },
  { "pump", mix_pump, 3 },
  { "ring", mix_ring, 2 },
  { "reverse", mix_reverse, 1 },
  { "noise", mix_noise, 3 },
  { "pulses", mix_pulses, 4 },
  { NULL, NULL, 0 },
};

int lms_open_mixing(lua_State *L)
{
  lms_library(L, functions);
  return 1;
}
