/* The Lua module moonstem.core.music: what libraries hear in music (core/audio/music/). All of its
   functions but running_median and tuning are ms.audio's, too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../audio/music/duplicates.h"
#include "../../audio/music/fingerprint.h"
#include "../../audio/music/loudness.h"
#include "../../audio/music/median.h"
#include "../../audio/music/stretch.h"
#include "../../audio/music/tracking.h"
#include "../../audio/music/tuning.h"
#include "../../audio/resample.h"
#include "../../base/error.h"
#include "../../grad/grad.h"
#include "../open.h"
#include "../options.h"
#include "../results.h"
#include "../scope.h"
#include "waves.h"

#define BLOCK "moonstem.block" /* holds memory of malloc while Lua may raise */
enum {
  LEAST_RATE = 1000, MOST_RATE = 192000, MOST_SAMPLES = 1 << 30,
  BEAT_RATE = 44100, BEAT_SIZE = 1024, BEAT_HOP = 512, /* what aubio is tuned for */
};

/* ---- what these functions share ------------------------------------------------------------ */
/* The option rate, which is needed. */
static int rate_option(lua_State *L, int arg, const char *who)
{
  if (!lms_has_option(L, arg, "rate"))
    luaL_error(L, "%s: the option rate is needed, in Hz", who);
  return lms_within(L, who, "rate", lms_opt_integer(L, arg, "rate", 0), LEAST_RATE, MOST_RATE);
}

/* A wave (samples) or (channels, samples) of finite numbers, outside the graph; raises. */
static ms_tensor *wave_of(lua_State *L, int arg, const char *who)
{
  char shape[MS_SHAPE_TEXT];
  ms_tensor *t = lms_tensor(L, arg);
  const size_t samples = t->ndim ? t->dim[t->ndim - 1] : 0;
  if (t->ndim < 1 || t->ndim > 2 || !t->count || samples > MOST_SAMPLES ||
      t->count / samples > LMS_MOST_CHANNELS)
    luaL_error(L, "%s: a wave (samples) or (channels, samples) of 1..%d channels is expected, got "
               "%s%s", who, LMS_MOST_CHANNELS, ms_shape_text(t->ndim, t->dim, shape),
               t->ndim == 2 ? "; wave:t() turns a recording (sample, channel)" : "");
  if (ms_recording(1, &t))
    luaL_error(L, "%s: it has no gradient; give it the wave's detach()", who);
  for (size_t i = 0; i < t->count; i++)
    if (!isfinite(t->data[i]))
      luaL_error(L, "%s: sample %d of the wave is not a finite number", who,
                 (int)(i % samples) + 1);
  return t;
}

/* The mean of the channels, (samples); pushed where it is a new one. */
static ms_tensor *mono_of(lua_State *L, int arg, const char *who)
{
  ms_tensor *t = wave_of(L, arg, who);
  if (t->ndim == 1) return t;
  const size_t channels = t->dim[0], samples = t->dim[1];
  ms_tensor *mono = ms_tensor_zeros(1, &samples);
  lms_push_tensor(L, mono);
  for (size_t c = 0; c < channels; c++)
    for (size_t i = 0; i < samples; i++) mono->data[i] += t->data[c * samples + i];
  for (size_t i = 0; i < samples; i++) mono->data[i] /= (real)channels;
  return mono;
}

/* One of a NULL-ended list of words. */
static const char *word_option(lua_State *L, int arg, const char *who, const char *key,
                               const char *const *words)
{
  const char *word = lms_opt_string(L, arg, key, words[0]);
  luaL_Buffer b;
  for (const char *const *w = words; *w; w++)
    if (strcmp(word, *w) == 0) return *w;
  luaL_buffinit(L, &b);
  for (const char *const *w = words; *w; w++) {
    if (w != words) luaL_addstring(&b, ", ");
    luaL_addstring(&b, *w);
  }
  luaL_pushresult(&b);
  luaL_error(L, "%s: %s must be one of %s, got \"%s\"", who, key, lua_tostring(L, -1), word);
  return NULL;
}

/* A number within low..high, or `other`. */
static double number_option(lua_State *L, int arg, const char *who, const char *key, double other,
                            double low, double high)
{
  if (!lms_has_option(L, arg, key)) return other;
  const double value = lms_opt_number(L, arg, key, other);
  if (!(value >= low && value <= high))
    luaL_error(L, "%s: %s must be %f to %f, got %f", who, key, low, high, value);
  return value;
}

/* ---- aubio --------------------------------------------------------------------------------- */
/* The options that all share. */
static ms_tracking tracking_of(lua_State *L, const char *who, double silence,
                               const char *const *known, const char *const *methods)
{
  lms_options(L, 2, who, known);
  ms_tracking o = { .size = BEAT_SIZE, .hop = BEAT_HOP, .gap = NAN };
  o.rate = rate_option(L, 2, who);
  o.method = word_option(L, 2, who, "method", methods);
  o.silence = number_option(L, 2, who, "silence", silence, -300, 0);
  o.threshold = number_option(L, 2, who, "threshold", NAN, 0, 10);
  return o;
}

static const char *const novelty[] = { "default", "energy", "hfc", "complex", "phase", "wphase",
                                       "specdiff", "kl", "mkl", "specflux", NULL };

typedef int track_times(ms_tracking o, const real *wave, size_t samples, ms_times *times);

/* Times in the wave at 1, taken to the rate that aubio's windows are made for. */
static int times_of(lua_State *L, track_times *track, ms_tracking o, const char *who)
{
  const ms_tensor *mono = mono_of(L, 1, who);
  const size_t samples = ms_resample_length(mono->count, o.rate, BEAT_RATE);
  ms_tensor *wave = ms_tensor_new(1, &samples);
  lms_push_tensor(L, wave);
  if (ms_resample(mono->data, mono->count, 1, o.rate, BEAT_RATE, wave->data) != 0)
    return lms_raise(L);
  o.rate = BEAT_RATE;
  void **h = lms_handle(L, BLOCK);
  ms_times times = { 0 };
  const int status = track(o, wave->data, wave->count, &times);
  *h = times.at;
  if (status != 0) return lms_refuse(L);
  lua_createtable(L, (int)times.count, 0);
  for (size_t i = 0; i < times.count; i++) {
    lua_pushnumber(L, times.at[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lms_release(h, free);
  return 1;
}

/** ms.audio.beats(wave, { rate =, method = "default", silence = -90, threshold = }) -> list of
    seconds: where aubio's beat tracker hears beats in a wave (samples) or (channels, samples),
    whose mean it takes, at 44.1 kHz. It needs some seconds before it settles; the beats of click
    tracks come within some 0.03 s. rate (Hz) is needed; method: as ms.audio.onsets'; silence: dB
    below the loudest sample. nil and a message where libaubio5 is missing. */
static int beats(lua_State *L)
{
  static const char *const known[] = { "rate", "method", "silence", "threshold", NULL };
  const ms_tracking o = tracking_of(L, "audio.beats", -90, known, novelty);
  return times_of(L, ms_track_beats, o, "audio.beats");
}

/** ms.audio.onsets(wave, { rate =, method = "default", silence = -90, threshold =, gap = }) -> list
    of seconds: where aubio hears notes begin in a wave (samples) or (channels, samples), whose mean
    it takes, at 44.1 kHz: within some 0.01 s. rate (Hz) is needed; method: "default" (hfc, which
    noise 40 dB below the notes confuses), energy, hfc, complex, phase, wphase, specdiff, kl, mkl,
    specflux; silence: dB below the loudest sample: what is softer some 0.05 s after an onset, is
    none; gap: seconds between two at least (aubio's 0.05). nil and a message where libaubio5 is
    missing. */
static int onsets(lua_State *L)
{
  static const char *const known[] = { "rate", "method", "silence", "threshold", "gap", NULL };
  ms_tracking o = tracking_of(L, "audio.onsets", -90, known, novelty);
  o.gap = number_option(L, 2, "audio.onsets", "gap", NAN, 0, 100);
  return times_of(L, ms_track_onsets, o, "audio.onsets");
}

/** ms.audio.pitch(wave, { rate =, size = 2048, hop = size / 2, method = "yinfast", silence = -90,
    threshold = }) -> pitch, confidence: tensors (hops), one number for each hop that begins in the
    wave (samples) or (channels, samples), whose mean is taken: Hz, 0 where no pitch is heard, and
    how sure that is, by aubio. A window ends with its hop: the first ones begin before the wave.
    rate (Hz) is needed; size: a power of 2; method: yinfast, yin, yinfft (aubio's own choice, whose
    confidence says little), mcomb, fcomb, schmitt, specacf; silence: dB below which there is none;
    threshold: the tolerance of the yin methods. nil and a message where libaubio5 is missing. */
static int pitch(lua_State *L)
{
  static const char *const known[] = { "rate", "size", "hop", "method", "silence", "threshold",
                                       NULL };
  static const char *const methods[] = { "yinfast", "yin", "yinfft", "mcomb", "fcomb", "schmitt",
                                         "specacf", NULL };
  ms_tracking o = tracking_of(L, "audio.pitch", -90, known, methods);
  o.size = lms_within(L, "audio.pitch", "size", lms_opt_integer(L, 2, "size", 2048), 64, 1 << 16);
  o.hop = lms_within(L, "audio.pitch", "hop", lms_opt_integer(L, 2, "hop", o.size / 2), 1, o.size);
  if (o.size & (o.size - 1))
    return luaL_error(L, "audio.pitch: size must be a power of 2, got %d", o.size);
  const ms_tensor *mono = mono_of(L, 1, "audio.pitch");
  const size_t hops = ms_track_hops(o, mono->count);
  ms_tensor *hertz = ms_tensor_new(1, &hops);
  lms_push_tensor(L, hertz);
  ms_tensor *sure = ms_tensor_new(1, &hops);
  lms_push_tensor(L, sure);
  if (ms_track_pitch(o, mono->data, mono->count, hertz->data, sure->data) != 0)
    return lms_refuse(L);
  return 2;
}

/* ---- libebur128 ---------------------------------------------------------------------------- */
/** ms.audio.loudness(wave, { rate = }) -> { integrated =, momentary =, short_term = (LUFS), range =
    (LU), true_peak =, sample_peak = (dB below full scale) } after EBU R 128, by libebur128: of the
    whole, and the loudest 0.4 and 3 seconds (short_term is -infinity of less). wave: (samples) or
    (channels, samples), in the order left, right, centre, low frequencies, left and right
    surround. rate (Hz) is needed. -infinity of silence. nil and a message where libebur128-1 is
    missing. */
static int loudness(lua_State *L)
{
  static const char *const known[] = { "rate", NULL };
  lms_options(L, 2, "audio.loudness", known);
  const int rate = rate_option(L, 2, "audio.loudness");
  const ms_tensor *t = wave_of(L, 1, "audio.loudness");
  const size_t samples = t->dim[t->ndim - 1];
  ms_loudness l;
  if (ms_loudness_of(t->data, t->count / samples, samples, rate, &l) != 0) return lms_refuse(L);
  lua_newtable(L);
  lms_set_number(L, "integrated", l.integrated);
  lms_set_number(L, "momentary", l.momentary);
  lms_set_number(L, "short_term", l.short_term);
  lms_set_number(L, "range", l.range);
  lms_set_number(L, "true_peak", l.true_peak);
  lms_set_number(L, "sample_peak", l.sample_peak);
  return 1;
}

/* ---- Rubber Band --------------------------------------------------------------------------- */
static int stretched(lua_State *L, ms_stretching o, const char *who)
{
  static const char *const known[] = { "rate", "fine", "formants", NULL };
  lms_options(L, 3, who, known);
  o.rate = rate_option(L, 3, who);
  o.fine = lms_opt_bool(L, 3, "fine", 0);
  o.formants = lms_opt_bool(L, 3, "formants", 0);
  const ms_tensor *t = wave_of(L, 1, who);
  const size_t samples = t->dim[t->ndim - 1], channels = t->count / samples;
  size_t dim[2] = { channels, ms_stretch_samples(o, samples) };
  ms_tensor *y = ms_tensor_new(t->ndim, dim + 2 - t->ndim);
  lms_push_tensor(L, y);
  if (ms_time_stretch(o, t->data, channels, samples, y->data) != 0) return lms_refuse(L);
  lms_heed(L);
  return 1;
}

/** ms.audio.time_stretch(wave, speed, { rate =, fine = false, formants = false }) -> wave of
    round(samples / speed) samples: faster (speed 2: half as long) or slower at the same pitch, by
    Rubber Band. wave: (samples) or (channels, samples); speed 1/16 to 16; rate (Hz) is needed;
    fine: its better, slower engine; formants: kept where they are. nil and a message where
    librubberband2 is missing. */
static int time_stretch(lua_State *L)
{
  const double speed = luaL_checknumber(L, 2);
  if (!(speed >= 1.0 / 16 && speed <= 16))
    return luaL_error(L, "audio.time_stretch: speed must be 1/16 to 16, got %f", speed);
  return stretched(L, (ms_stretching){ .speed = speed, .pitch = 1 }, "audio.time_stretch");
}

/** ms.audio.pitch_shift(wave, semitones, { rate =, fine = false, formants = false }) -> wave of the
    same size, higher or lower by so many semitones, -48 to 48, by Rubber Band. Options as
    ms.audio.time_stretch's. nil and a message where librubberband2 is missing. */
static int pitch_shift(lua_State *L)
{
  const double steps = luaL_checknumber(L, 2);
  if (!(steps >= -48 && steps <= 48))
    return luaL_error(L, "audio.pitch_shift: semitones must be -48 to 48, got %f", steps);
  return stretched(L, (ms_stretching){ .speed = 1, .pitch = exp2(steps / 12) },
                   "audio.pitch_shift");
}

/* ---- Chromaprint --------------------------------------------------------------------------- */
/** ms.audio.fingerprint(wave, { rate = }) -> list of whole numbers of 32 bits, one for about every
    0.124 seconds, by Chromaprint: two recordings of the same music have nearly equal ones, however
    they were encoded. wave: (samples) or (channels, samples), whose mean it takes; rate (Hz) is
    needed. An empty list of less than some 2.6 seconds. ms.audio.duplicates compares them. nil and
    a message where libchromaprint1 is missing. */
static int fingerprint(lua_State *L)
{
  static const char *const known[] = { "rate", NULL };
  lms_options(L, 2, "audio.fingerprint", known);
  const int rate = rate_option(L, 2, "audio.fingerprint");
  const ms_tensor *mono = mono_of(L, 1, "audio.fingerprint");
  void **h = lms_handle(L, BLOCK);
  uint32_t *numbers = NULL;
  size_t count = 0;
  const int status = ms_fingerprint(mono->data, mono->count, rate, &numbers, &count);
  *h = numbers;
  if (status != 0) return lms_refuse(L);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)numbers[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lms_release(h, free);
  return 1;
}

/* Fills the numbers of print p, the list on the top. */
static void read_print(lua_State *L, size_t p, uint32_t *to, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    int whole;
    const lua_Integer n = lua_tointegerx(L, -1, &whole);
    if (!whole || n < 0 || n > UINT32_MAX)
      luaL_error(L, "audio.duplicates: number %d of fingerprint %d is not one of 32 bits",
                 (int)i + 1, (int)p + 1);
    to[i] = (uint32_t)n;
    lua_pop(L, 1);
  }
}

/* The prints of the list of lists at 1, in a userdata that is pushed. */
static const ms_print *read_prints(lua_State *L, size_t count)
{
  size_t total = 0;
  for (size_t p = 0; p < count; p++) {
    if (lua_rawgeti(L, 1, (lua_Integer)p + 1) != LUA_TTABLE)
      luaL_error(L, "audio.duplicates: fingerprint %d is not a list", (int)p + 1);
    total += lua_rawlen(L, -1);
    lua_pop(L, 1);
  }
  if (count > UINT32_MAX / 2 || total > INT32_MAX)
    luaL_error(L, "audio.duplicates: these are too many numbers at once");
  ms_print *prints = lua_newuserdatauv(L, count * sizeof *prints + total * sizeof(uint32_t), 0);
  uint32_t *to = (uint32_t *)(prints + count);
  for (size_t p = 0; p < count; p++) {
    lua_rawgeti(L, 1, (lua_Integer)p + 1);
    const size_t n = lua_rawlen(L, -1);
    prints[p] = (ms_print){ to, n };
    read_print(L, p, to, n);
    to += n;
    lua_pop(L, 1);
  }
  return prints;
}

static void push_pair(lua_State *L, ms_duplicate d)
{
  const double seconds = 1365.0 / 11025; /* from one number to the next */
  lua_createtable(L, 2, 3);
  lua_pushinteger(L, (lua_Integer)d.a + 1);
  lua_rawseti(L, -2, 1);
  lua_pushinteger(L, (lua_Integer)d.b + 1);
  lua_rawseti(L, -2, 2);
  lms_set_number(L, "offset", (double)d.offset * seconds);
  lms_set_number(L, "seconds", (double)d.length * seconds);
  lms_set_number(L, "errors", d.errors);
}

/** ms.audio.duplicates({ fingerprint, ... }, { errors = 0.3, seconds = 4 }) -> list of { a, b,
    offset =, seconds =, errors = }: which fingerprints are of the same recording, a and b being
    their places in the list. What lies at 0 in b lies at `offset` seconds in a; so many seconds of
    both agree but for that share of their bits. Pairs are found by an index: a thousand clips take
    a moment.
    options: { errors = 0.3 (of two recordings about half of the bits differ), seconds = 4 that
    must agree at least } */
static int duplicates(lua_State *L)
{
  static const char *const known[] = { "errors", "seconds", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 2, "audio.duplicates", known);
  const double errors = number_option(L, 2, "audio.duplicates", "errors", 0.3, 0, 0.5);
  const double seconds = number_option(L, 2, "audio.duplicates", "seconds", 4, 0.1, 1e6);
  const size_t count = lua_rawlen(L, 1);
  const ms_print *prints = read_prints(L, count);
  void **h = lms_handle(L, BLOCK);
  ms_duplicate *pairs;
  size_t found;
  const int status = ms_duplicates(prints, count, (size_t)ceil(seconds * 11025 / 1365), errors,
                                   &pairs, &found);
  *h = pairs;
  if (status != 0) return lms_raise(L);
  lua_createtable(L, (int)found, 0);
  for (size_t i = 0; i < found; i++) {
    push_pair(L, pairs[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lms_release(h, free);
  return 1;
}

/* ---- for features ---------------------------------------------------------------------------- */
/* running_median(x, axis, size): medians along an axis that is mirrored at its ends */
static int running_median(lua_State *L)
{
  const ms_tensor *x = lms_tensor(L, 1);
  const int axis = lms_axis(L, 2, x->ndim, "running_median");
  const int size = lms_within(L, "running_median", "size", luaL_checkinteger(L, 3), 1, 1 << 16);
  size_t outer = 1, inner = 1;
  for (int d = 0; d < axis; d++) outer *= x->dim[d];
  for (int d = axis + 1; d < x->ndim; d++) inner *= x->dim[d];
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return lms_raise(L);
  lms_push_tensor(L, y);
  if (!x->count) return 1;
  if (ms_running_median(x->data, outer, x->dim[axis], inner, (size_t)size, y->data) != 0)
    return lms_raise(L);
  lms_heed(L);
  return 1;
}

/* tuning(magnitudes (..., frames, bins), rate, steps, resolution) */
static int tuning(lua_State *L)
{
  const ms_tensor *s = lms_tensor(L, 1);
  const double rate = luaL_checknumber(L, 2), steps = luaL_checknumber(L, 3);
  const double resolution = luaL_checknumber(L, 4);
  const size_t bins = s->ndim ? s->dim[s->ndim - 1] : 0;
  luaL_argcheck(L, bins >= 2, 1, "magnitudes (frames, bins) are expected");
  luaL_argcheck(L, resolution >= 1e-4 && resolution <= 1, 4, "the resolution is 1e-4 to 1");
  double value;
  if (ms_tuning(s->data, s->count / bins, bins, rate, steps, resolution, &value) != 0)
    return lms_raise(L);
  lua_pushnumber(L, value);
  return 1;
}

static const lms_function functions[] = {
  { "beats", beats, 2 },
  { "onsets", onsets, 2 },
  { "pitch", pitch, 2 },
  { "loudness", loudness, 2 },
  { "time_stretch", time_stretch, 3 },
  { "pitch_shift", pitch_shift, 3 },
  { "fingerprint", fingerprint, 2 },
  { "duplicates", duplicates, 2 },
  { "running_median", running_median, 3 },
  { "tuning", tuning, 4 },
  { NULL, NULL, 0 },
};

int lms_open_music(lua_State *L)
{
  lms_type(L, BLOCK, NULL, free);
  lms_library(L, functions);
  return 1;
}
