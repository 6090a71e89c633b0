/* Audio in Lua: what files are, resampling, mel. moonstem.core.audio; reading is in
   sources.c, writing in sinks.c, the feed in feed.c. */
#include "../../audio/resample.h"
#include "../../audio/sound.h"
#include "../../audio/spectrum/mel.h"
#include "../../base/error.h"
#include "../../grad/grad.h"
#include "../open.h"
#include "../options.h"
#include "../results.h"
#include "../scope.h"
#include "waves.h"

#define SILENCE      1e-4 /* -80 dB below full scale */

/* ---- what the audio bindings share ---- */

int lms_within(lua_State *L, const char *who, const char *what, lua_Integer n, int low,
               int high)
{
  if (n < low || n > high)
    luaL_error(L, "%s: %s must be %d..%d, got %I", who, what, low, high, (LUAI_UACINT)n);
  return (int)n;
}

int lms_stream_option(lua_State *L, int arg, const char *who)
{
  enum { MOST_STREAM = 1000 };
  return lms_within(L, who, "stream", lms_opt_integer(L, arg, "stream", 0), 0, MOST_STREAM);
}

int lms_channels(lua_State *L, const ms_tensor *t, const char *who)
{
  char shape[MS_SHAPE_TEXT];
  ms_shape_text(t->ndim, t->dim, shape);
  if (t->ndim == 1) return 1;
  if (t->ndim == 2 && t->dim[1] >= 1 && t->dim[1] <= LMS_MOST_CHANNELS) return (int)t->dim[1];
  return luaL_error(L, "%s: a recording is (sample) or (sample, channel) with 1..%d channels, got "
                    "%s; of (channel, sample) take x:permute{2, 1}; the waves of a (batch, sample) "
                    "go one by one, x:slice(1, k, k):reshape{-1}", who, LMS_MOST_CHANNELS, shape);
}

/* ---- what a file is ---- */

static const char *const stream_only[] = { "stream", NULL };

static void push_info(lua_State *L, const ms_sound_info *about)
{
  lua_newtable(L);
  lms_set_integer(L, "frames", (lua_Integer)about->frames);
  lms_set_integer(L, "rate", about->rate);
  lms_set_integer(L, "channels", about->channels);
  lms_set_string(L, "format", about->format);
  lms_set_number(L, "seconds", (double)about->frames / about->rate);
}

/** ms.audio.info(path, {stream = 0}) -> {frames =, rate =, channels =,
   format =, seconds =} as the file declares; where it declares no length, as FLAC and WAV
   from a pipe, its frames are counted by decoding. nil and a message when it is no audio
   file */
static int audio_info(lua_State *L)
{
  const char *path = lms_path(L, 1);
  lms_options(L, 2, "audio.info", stream_only);
  ms_sound *s = ms_sound_open(path, lms_stream_option(L, 2, "audio.info"));
  if (!s) return lms_refuse(L);
  ms_sound_info about = *ms_sound_about(s);
  int status = ms_sound_length(s, &about.frames);
  ms_sound_close(s);
  if (status != 0) return lms_refuse(L);
  push_info(L, &about);
  return 1;
}

/* Whether a mean that is not silent never moves. */
static int is_constant(const ms_sound_report *r)
{
  return r->decoded && r->peak_mono >= SILENCE && r->high_mono - r->low_mono < SILENCE;
}

/* Pushes what is wrong with a file; NULL if nothing is. */
static const char *push_reason(lua_State *L, const ms_sound_report *r)
{
  if (r->error[0]) return lua_pushstring(L, r->error);
  if (!r->finite) return lua_pushliteral(L, "some samples are not finite numbers");
  if (r->decoded == 0) return lua_pushliteral(L, "there is no sound in it");
  if (r->peak < SILENCE) return lua_pushfstring(L, "it is silent (peak %f)", r->peak);
  if (r->peak_mono < SILENCE)
    return lua_pushfstring(L, "its channels cancel: their mean is silent (peak %f, of the mean %f)",
                           r->peak, r->peak_mono);
  if (is_constant(r))
    return lua_pushfstring(L, "its level is the same throughout (%f): there is no sound in it",
                           r->low_mono);
  return NULL;
}

/** ms.audio.check(path, {stream = 0}) decodes a whole file -> info's fields and
   {decoded =, complete =, finite =, peak =, silent =, constant =, content =, ok =, reason =}: ok
   means that all declared frames decode, are finite, and that the mean of the channels, which is
   what networks get (channels may cancel), reaches 1e-4 somewhere and moves by as much; reason
   says why not. silent: that it does not; constant: that it only stays at one level. content: 16
   digits,
   equal for files whose means are the same samples. nil and a message when it is no audio
   file */
static int audio_check(lua_State *L)
{
  const char *path = lms_path(L, 1);
  lms_options(L, 2, "audio.check", stream_only);
  ms_sound_report r;
  if (ms_sound_check(path, lms_stream_option(L, 2, "audio.check"), &r) != 0)
    return lms_refuse(L);
  lms_heed(L);
  push_info(L, &r.about);
  lms_set_integer(L, "decoded", (lua_Integer)r.decoded);
  lms_set_bool(L, "complete", r.complete);
  lms_set_bool(L, "finite", r.finite);
  lms_set_bool(L, "silent", r.peak_mono < SILENCE || is_constant(&r));
  lms_set_bool(L, "constant", is_constant(&r));
  lms_set_number(L, "peak", r.peak);
  char digits[17];
  snprintf(digits, sizeof digits, "%016llx", (unsigned long long)r.content);
  lms_set_string(L, "content", digits);
  int ok = !push_reason(L, &r);
  if (!ok) lua_setfield(L, -2, "reason");
  lms_set_bool(L, "ok", ok);
  return 1;
}

/* ---- numbers ---- */

/** ms.audio.resample(wave, from, to) -> wave at `to` Hz: a recording, (sample) or
   (sample, channel), along its samples; ceil(samples * to / from) come out (libsoxr, quality HQ).
   Not differentiable. Raises on more than 64 channels. */
static int audio_resample(lua_State *L)
{
  ms_tensor *x = lms_tensor(L, 1);
  int from = lms_within(L, "audio.resample", "from", luaL_checkinteger(L, 2), 1,
                        LMS_MOST_RATE);
  int to = lms_within(L, "audio.resample", "to", luaL_checkinteger(L, 3), 1, LMS_MOST_RATE);
  int channels = lms_channels(L, x, "audio.resample");
  if (ms_recording(1, &x))
    return luaL_error(L, "audio.resample: it has no gradient; give it the wave's detach()");
  size_t dim[2] = { ms_resample_length(x->dim[0], from, to), (size_t)channels };
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y) return lms_raise(L);
  lms_push_tensor(L, y);
  return ms_resample(x->data, x->dim[0], channels, from, to, y->data) == 0 ? 1 : lms_raise(L);
}

static size_t count_option(lua_State *L, const char *key, size_t other)
{
  return (size_t)lms_within(L, "audio.mel_matrix", key,
                                lms_opt_integer(L, 1, key, (lua_Integer)other), 1, 16385);
}

/** ms.audio.mel_matrix({bins = 256, bands = 128, rate = 16000, low = 100, high = 7800})
    -> (bins, bands): magnitude:matmul(matrix) are mel bands. HTK mel, peak 1, no area
    normalisation, the bins lie evenly on 0..rate/2 with both ends included as in the authors'
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
  lms_add_sources(L);
  lms_add_sinks(L);
  return 1;
}
