/* Audio in Lua: reading, writing, checking, resampling, mel. moonstem.core.audio */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../audio/mel.h"
#include "../audio/resample.h"
#include "../audio/segment.h"
#include "../audio/sound.h"
#include "../audio/soundfile.h"
#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"
#include "feed.h"
#include "lms.h"
#include "open.h"

enum { MOST_RATE = 1000000, MOST_STREAM = 1000, MOST_CHANNELS = 64 };
#define MOST_SECONDS 1e7
#define SILENCE      1e-4 /* -80 dB below full scale */

static int integer_within(lua_State *L, const char *who, const char *what, lua_Integer n,
                          int low, int high)
{
  if (n < low || n > high)
    luaL_error(L, "%s: %s must be %d..%d, got %I", who, what, low, high, (LUAI_UACINT)n);
  return (int)n;
}

static int stream_option(lua_State *L, int arg, const char *who)
{
  return integer_within(L, who, "stream", lms_opt_integer(L, arg, "stream", 0), 0,
                        MOST_STREAM);
}

static const char *shape_of(lua_State *L, const ms_tensor *t)
{
  char text[MS_SHAPE_TEXT];
  return lua_pushstring(L, ms_shape_text(t->ndim, t->dim, text));
}

/* ---- reading ---- */

/* What a script asks for: seconds of the file; rate 0 is the file's own. */
typedef struct wish {
  int rate, mono, stream;
  double start, length;
} wish;

/* An option in seconds; `other` where it is absent. */
static double seconds_option(lua_State *L, const char *key, double other)
{
  double seconds = lms_opt_number(L, 2, key, -1);
  if (seconds == -1) return other;
  if (!(seconds >= 0 && seconds <= MOST_SECONDS))
    luaL_error(L, "audio.read: %s must be 0..1e7 seconds, got %f", key, seconds);
  return seconds;
}

static wish read_wish(lua_State *L)
{
  static const char *const known[] = {
    "rate", "mono", "start", "length", "stream", NULL
  };
  lms_options(L, 2, "audio.read", known);
  wish w = { .mono = lms_opt_bool(L, 2, "mono", 1),
             .stream = stream_option(L, 2, "audio.read") };
  lua_Integer rate = lms_opt_integer(L, 2, "rate", -1);
  if (rate != -1) w.rate = integer_within(L, "audio.read", "rate", rate, 1, MOST_RATE);
  w.start = seconds_option(L, "start", 0);
  w.length = seconds_option(L, "length", MOST_SECONDS);
  return w;
}

/* (samples) if mono, else (samples, channels); takes the block over. */
static ms_tensor *as_wave(real *block, size_t samples, int mono, int channels)
{
  size_t dim[2] = { samples, (size_t)channels };
  ms_tensor *t = ms_tensor_new(mono ? 1 : 2, dim);
  if (t) memcpy(t->data, block, t->count * sizeof *block);
  ms_free(block);
  return t;
}

/* The wave, or NULL and a sentence; `rate` becomes the wave's. */
static ms_tensor *load(const char *path, wish *w, char notice[MS_NOTICE])
{
  ms_sound *s = ms_sound_open(path, w->stream);
  if (!s) return NULL;
  int channels = ms_sound_about(s)->channels;
  if (!w->rate) w->rate = ms_sound_about(s)->rate;
  size_t first = (size_t)floor(w->start * w->rate + 0.5), got = 0;
  size_t count = (size_t)floor(w->length * w->rate + 0.5);
  real *block = ms_segment_load(s, w->rate, first, count, w->mono, &got, notice);
  ms_sound_close(s);
  if (!block) return NULL;
  if (got) return as_wave(block, got, w->mono, channels);
  ms_free(block);
  return ms_fail("%s: no sound can be read from %g seconds on", path, w->start), NULL;
}

/** ms.audio.read(path, {rate =, mono = true, start = 0, length =, stream = 0})
    -> wave, rate [, notice]: (sample), or (sample, channel) with mono = false. rate
   resamples; start and length are seconds of the file, cut at its end; stream is for .mp4
   (musdb18: 0 mixture, 1 drums, 2 bass, 3 other, 4 vocals). The notice is there when a
   damaged file gave less than it declares. nil and a sentence if nothing can be read. */
static int audio_read(lua_State *L)
{
  const char *path = lms_path(L, 1);
  wish w = read_wish(L);
  char notice[MS_NOTICE];
  ms_tensor *wave = load(path, &w, notice);
  if (!wave) return lms_refuse(L);
  lms_push_tensor(L, wave);
  lua_pushinteger(L, w.rate);
  if (!*notice) return 2;
  lua_pushstring(L, notice);
  return 3;
}

/* ---- what a file is ---- */

static const char *const stream_only[] = { "stream", NULL };

static void set_integer(lua_State *L, const char *key, size_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, key);
}

static void set_bool(lua_State *L, const char *key, int value)
{
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}

static void push_info(lua_State *L, const ms_sound_info *about)
{
  lua_newtable(L);
  set_integer(L, "frames", about->frames);
  set_integer(L, "rate", (size_t)about->rate);
  set_integer(L, "channels", (size_t)about->channels);
  lua_pushstring(L, about->format);
  lua_setfield(L, -2, "format");
  lua_pushnumber(L, (double)about->frames / about->rate);
  lua_setfield(L, -2, "seconds");
}

/** ms.audio.info(path, {stream = 0}) -> {frames =, rate =, channels =,
   format =, seconds =} as the file declares; where it declares no length, as FLAC and WAV
   from a pipe, its frames are counted by decoding. nil and a sentence when it is no audio
   file */
static int audio_info(lua_State *L)
{
  const char *path = lms_path(L, 1);
  lms_options(L, 2, "audio.info", stream_only);
  ms_sound *s = ms_sound_open(path, stream_option(L, 2, "audio.info"));
  if (!s) return lms_refuse(L);
  ms_sound_info about = *ms_sound_about(s);
  int status = ms_sound_length(s, &about.frames);
  ms_sound_close(s);
  if (status != 0) return lms_refuse(L);
  push_info(L, &about);
  return 1;
}

/* What is wrong with a file, in words; NULL if nothing is. */
static const char *push_reason(lua_State *L, const ms_sound_report *r)
{
  if (r->error[0]) return lua_pushstring(L, r->error);
  if (!r->finite) return lua_pushliteral(L, "some samples are not finite numbers");
  if (r->decoded == 0) return lua_pushliteral(L, "there is no sound in it");
  if (r->peak < SILENCE) return lua_pushfstring(L, "it is silent (peak %f)", r->peak);
  if (r->peak_mono < SILENCE)
    return lua_pushfstring(L, "its channels cancel: their mean is silent (peak %f, of the mean %f)",
                           r->peak, r->peak_mono);
  return NULL;
}

/** ms.audio.check(path, {stream = 0}) decodes a whole file -> info's fields and
   {decoded =, complete =, finite =, peak =, silent =, content =, ok =, reason =}: ok means that
   all declared frames decode, are finite and reach 1e-4 somewhere in the mean of the channels,
   which is what networks get (channels may cancel); reason says why not. content: 16 digits,
   equal for files whose means are the same samples. nil and a sentence when it is no audio
   file */
static int audio_check(lua_State *L)
{
  const char *path = lms_path(L, 1);
  lms_options(L, 2, "audio.check", stream_only);
  ms_sound_report r;
  if (ms_sound_check(path, stream_option(L, 2, "audio.check"), &r) != 0)
    return lms_refuse(L);
  push_info(L, &r.about);
  set_integer(L, "decoded", r.decoded);
  set_bool(L, "complete", r.complete);
  set_bool(L, "finite", r.finite);
  set_bool(L, "silent", r.peak_mono < SILENCE);
  lua_pushnumber(L, r.peak);
  lua_setfield(L, -2, "peak");
  char digits[17];
  snprintf(digits, sizeof digits, "%016llx", (unsigned long long)r.content);
  lua_pushstring(L, digits);
  lua_setfield(L, -2, "content");
  int ok = !push_reason(L, &r);
  if (!ok) lua_setfield(L, -2, "reason");
  set_bool(L, "ok", ok);
  return 1;
}

/* ---- writing ---- */

static const char *encoding_option(lua_State *L)
{
  static const char *const known[] = { "int16", "int24", "float", NULL };
  const char *name = lms_opt_string(L, 4, "encoding", NULL);
  for (const char *const *k = known; name && *k; k++)
    if (strcmp(name, *k) == 0) return name;
  if (name)
    luaL_error(
        L, "audio.write: encoding must be \"int16\", \"int24\" or \"float\", got \"%s\"",
        name);
  return NULL;
}

/** ms.audio.write(path, wave, rate, {encoding = "int16" | "int24" | "float",
   quality = 0..1}) -> true, or nil and a sentence. wave (sample) or (sample, channel), full scale
   -1..1, clipped there. The name's ending says the kind: .wav .flac .aiff (encoding),
   .ogg .opus .mp3 (quality). The file appears only when it is complete. */
static int audio_write(lua_State *L)
{
  static const char *const known[] = { "encoding", "quality", NULL };
  const char *path = lms_path(L, 1);
  ms_tensor *t = lms_tensor(L, 2);
  int rate = integer_within(L, "audio.write", "rate", luaL_checkinteger(L, 3), 1,
                            MOST_RATE);
  lms_options(L, 4, "audio.write", known);
  const char *encoding = encoding_option(L);
  double quality = lms_opt_number(L, 4, "quality", -1);
  if (quality != -1 && !(quality >= 0 && quality <= 1))
    return luaL_error(L, "audio.write: quality must be 0..1, got %f", quality);
  if (t->ndim < 1 || t->ndim > 2 ||
      (t->ndim == 2 && (t->dim[1] < 1 || t->dim[1] > MOST_CHANNELS)))
    return luaL_error(
        L,
        "audio.write: a wave is (sample) or (sample, channel) with 1..%d channels, "
        "got %s",
        MOST_CHANNELS, shape_of(L, t));
  int channels = t->ndim == 2 ? (int)t->dim[1] : 1;
  if (ms_soundfile_write(path, t->data, t->dim[0], channels, rate, encoding, quality) !=
      0)
    return lms_refuse(L);
  lua_pushboolean(L, 1);
  return 1;
}

/* ---- numbers ---- */

typedef struct resampling {
  const real *in;
  real *out;
  size_t samples, made;
  int from, to;
  atomic_int failed;
} resampling;

static void resample_row(void *arg, size_t row)
{
  resampling *r = arg;
  if (ms_resample(r->in + row * r->samples, r->samples, 1, r->from, r->to, 0,
                  r->out + row * r->made, r->made) != 0)
    atomic_store(&r->failed, 1);
}

/** ms.audio.resample(wave, from, to) -> wave at `to` Hz: (sample) or (batch, sample),
   with ceil(samples * to / from) samples (libsoxr, quality HQ). Not differentiable. */
static int audio_resample(lua_State *L)
{
  ms_tensor *x = lms_tensor(L, 1);
  resampling r = { .in = x->data };
  r.from = integer_within(L, "audio.resample", "from", luaL_checkinteger(L, 2), 1,
                          MOST_RATE);
  r.to = integer_within(L, "audio.resample", "to", luaL_checkinteger(L, 3), 1, MOST_RATE);
  if (x->ndim < 1 || x->ndim > 2)
    return luaL_error(L, "audio.resample: a wave is (sample) or (batch, sample), got %s",
                      shape_of(L, x));
  size_t dim[2] = { x->dim[0], x->dim[x->ndim - 1] };
  r.samples = x->dim[x->ndim - 1];
  r.made = dim[x->ndim - 1] = ms_resample_length(r.samples, r.from, r.to);
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y) return lms_raise(L);
  r.out = y->data;
  lms_push_tensor(L, y);
  ms_parallel(x->ndim == 2 ? dim[0] : 1, resample_row, &r);
  if (atomic_load(&r.failed))
    return luaL_error(L, "audio.resample: %d Hz to %d Hz failed, or memory ran out",
                      r.from, r.to);
  return 1;
}

static size_t count_option(lua_State *L, const char *key, size_t other)
{
  return (size_t)integer_within(L, "audio.mel_matrix", key,
                                lms_opt_integer(L, 1, key, (lua_Integer)other), 1, 16385);
}

/** ms.audio.mel_matrix({bins = 256, bands = 128, rate = 16000, low = 100, high = 7800})
    -> (bins, bands): magnitude:matmul(matrix) are mel bands. HTK mel, peak 1, no area
    normalisation, bins spread over 0..rate/2 with both ends included as in the authors'
   code. */
static int audio_mel_matrix(lua_State *L)
{
  static const char *const known[] = { "bins", "bands", "rate", "low", "high", NULL };
  lms_options(L, 1, "audio.mel_matrix", known);
  ms_mel m = MS_MEL_PAPER;
  m.bins = count_option(L, "bins", m.bins);
  m.bands = count_option(L, "bands", m.bands);
  m.rate = lms_opt_number(L, 1, "rate", m.rate);
  m.low = lms_opt_number(L, 1, "low", m.low);
  m.high = lms_opt_number(L, 1, "high", m.high);
  ms_tensor *t = ms_tensor_new(2, (size_t[]){ m.bins, m.bands });
  if (!t) return lms_raise(L);
  lms_push_tensor(L, t);
  return ms_mel_matrix(m, t->data) == 0 ? 1 : lms_raise(L);
}

static const lms_function functions[] = {
  { "read", audio_read, 2 },
  { "write", audio_write, 4 },
  { "info", audio_info, 2 },
  { "check", audio_check, 2 },
  { "resample", audio_resample, 3 },
  { "mel_matrix", audio_mel_matrix, 1 },
  { NULL, NULL, 0 },
};

int lms_open_audio(lua_State *L)
{
  lms_library(L, functions);
  lms_add_feed(L);
  return 1;
}
