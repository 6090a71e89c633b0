/* Reading audio in Lua: ms.audio.read, ms.audio.open and its sources. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../audio/segment.h"
#include "../../audio/sound.h"
#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../options.h"
#include "../scope.h"
#include "waves.h"

#define SOURCE       "moonstem.source"
#define MOST_SECONDS 1e7

/* ---- what a script asks for ---- */

typedef struct request {
  int rate; /* 0: the file's own */
  int mono, stream;
  double start, length; /* seconds of the file */
} request;

/* An option in seconds; `other` where it is absent. */
static double seconds_option(lua_State *L, const char *who, const char *key, double other)
{
  double seconds = lms_opt_number(L, 2, key, other);
  if (!(seconds >= 0 && seconds <= MOST_SECONDS))
    luaL_error(L, "%s: %s must be 0..1e7 seconds, got %f", who, key, seconds);
  return seconds;
}

static request read_request(lua_State *L, const char *who)
{
  static const char *const known[] = { "rate", "mono", "start", "length", "stream", NULL };
  lms_options(L, 2, who, known);
  request r = { .mono = lms_opt_bool(L, 2, "mono", 1),
             .stream = lms_stream_option(L, 2, who) };
  if (lms_has_option(L, 2, "rate"))
    r.rate = lms_within(L, who, "rate", lms_opt_integer(L, 2, "rate", 0), 100, LMS_MOST_RATE);
  r.start = seconds_option(L, who, "start", 0);
  r.length = seconds_option(L, who, "length", MOST_SECONDS);
  if (r.length == 0) luaL_error(L, "%s: length must be above 0 seconds", who);
  return r;
}

/* The stretch of an open file that is asked for; `rate` becomes the wave's. */
static ms_stretch stretch_of(const ms_sound *s, request *r)
{
  if (!r->rate) r->rate = ms_sound_about(s)->rate;
  return (ms_stretch){ .rate = r->rate,
                       .mono = r->mono,
                       .first = (size_t)floor(r->start * r->rate + 0.5),
                       .count = (size_t)floor(r->length * r->rate + 0.5) };
}

/* ---- at once ---- */

/** ms.audio.read(path, {rate =, mono = true, start = 0, length =, stream = 0})
    -> wave, rate [, notice]: a recording, (sample), or (sample, channel) with mono = false.
   rate (100 Hz or more) resamples; start and length are seconds of the file, cut at
   its end: the samples are those of the whole there. Its bytes say what a file is, not its
   name: WAV, AIFF, FLAC, MP3, Ogg
   Vorbis, Opus (always 48 kHz) and what libsndfile knows; all else, as MP4, AAC, Matroska,
   WMA, videos, through the program ffmpeg. Of several streams the first, or `stream`
   (musdb18: 0 mixture, 1 drums, 2 bass, 3 other, 4 vocals). The notice is there when a
   damaged file gave less than it declares, or parts of it are missing. nil and a message if
   nothing can be read. Takes at most twice the memory of the result; ms.audio.open reads piece
   by piece.
   A function that takes a wave alone wants the call in parentheses, which drop the rate:
   ms.audio.magnitude((ms.audio.read(path, { rate = 16000 }))). */
static int audio_read(lua_State *L)
{
  const char *path = lms_path(L, 1);
  request r = read_request(L, "audio.read");
  char notice[MS_NOTICE];
  ms_sound *s = ms_sound_open(path, r.stream);
  if (!s) return lms_refuse(L);
  ms_tensor *wave = ms_segment_load(s, stretch_of(s, &r), notice);
  ms_sound_close(s);
  if (!wave) return lms_refuse(L);
  lms_push_tensor(L, wave);
  lua_pushinteger(L, r.rate);
  if (!*notice) return 2;
  lua_pushstring(L, notice);
  return 3;
}

/* ---- piece by piece ---- */

typedef struct source {
  ms_sound *sound;
  ms_stream *stream;
  request request;
} source;

static void release_source(void *handle)
{
  source *s = handle;
  ms_stream_free(s->stream);
  ms_sound_close(s->sound);
  free(s);
}

static int open_source(source *s, const char *path)
{
  s->sound = ms_sound_open(path, s->request.stream);
  if (!s->sound) return -1;
  s->stream = ms_stream_new(s->sound, stretch_of(s->sound, &s->request));
  return s->stream ? 0 : -1;
}

/** ms.audio.open(path, options as ms.audio.read's) -> source: the same recording, the same bits,
   piece by piece in memory that does not grow with its length; nil and a message when it is no
   audio file. source:read(n) gives the pieces. source.rate (Hz), source.channels (of the pieces),
   source.seconds (all that the file declares; 0 where it declares nothing); source.notice tells
   of damage once the end is reached, source.odd of the first sample so far that is not finite or
   beyond 1e6. source:close() when done, or `local source <close> = ...`. */
static int audio_open(lua_State *L)
{
  const char *path = lms_path(L, 1);
  request r = read_request(L, "audio.open");
  void **h = lms_handle(L, SOURCE);
  source *s = *h = calloc(1, sizeof *s);
  if (!s) return ms_fail("%s: no memory to open it", path), lms_raise(L);
  s->request = r;
  return open_source(s, path) == 0 ? 1 : lms_refuse(L);
}

static int channels_of(const source *s)
{
  return s->request.mono ? 1 : ms_sound_about(s->sound)->channels;
}

/** source:read(n) -> the next n samples, fewer at the end: (sample), or (sample, channel) with
   mono = false. nil when there are no more; nil and a message when nothing of the file can
   be decoded. */
static int source_read(lua_State *L)
{
  source *s = lms_check(L, 1, SOURCE);
  size_t got, n = (size_t)lms_within(L, "source:read", "n", luaL_checkinteger(L, 2), 1, 1 << 30);
  size_t dim[2] = { n, (size_t)channels_of(s) };
  ms_tensor *t = ms_tensor_new(s->request.mono ? 1 : 2, dim);
  if (!t) return lms_raise(L);
  lms_push_tensor(L, t);
  ms_stop_hold(1); /* a source goes on where it was, not somewhere behind */
  const int status = ms_stream_read(s->stream, t->data, n, &got);
  ms_stop_hold(-1);
  if (status != 0) return lms_refuse(L);
  if (got == n) return 1;
  if (got == 0) return lua_pushnil(L), 1;
  dim[0] = got;
  ms_tensor *rest = ms_tensor_new(t->ndim, dim);
  if (!rest) return lms_raise(L);
  memcpy(rest->data, t->data, rest->count * sizeof *rest->data);
  return lms_push_tensor(L, rest);
}

/* The message about the first sample that no network should hear, or nil. */
static void push_odd(lua_State *L, const source *s)
{
  const ms_sound_info *about = ms_sound_about(s->sound);
  size_t frame;
  real x;
  if (!ms_stream_odd(s->stream, &frame, &x)) {
    lua_pushnil(L);
    return;
  }
  char text[160];
  int n = snprintf(text, sizeof text, "sample %zu at %d Hz (%.2f s) is ", frame + 1, about->rate,
                   (double)frame / about->rate);
  const char *what = isfinite(x) ? "%g, where full scale is 1" : "not a finite number";
  snprintf(text + n, sizeof text - (size_t)n, what, (double)x);
  lua_pushfstring(L, "%s: %s", ms_sound_path(s->sound), text);
}

/* source.notice, .odd, .rate, .channels, .seconds; else a method, looked up in the first
   upvalue. */
static int source_index(lua_State *L)
{
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  const source *s = lms_check(L, 1, SOURCE);
  const ms_sound_info *about = ms_sound_about(s->sound);
  if (strcmp(key, "rate") == 0) lua_pushinteger(L, s->request.rate);
  else if (strcmp(key, "channels") == 0) lua_pushinteger(L, channels_of(s));
  else if (strcmp(key, "seconds") == 0)
    lua_pushnumber(L, (double)about->frames / about->rate);
  else if (strcmp(key, "notice") == 0) {
    const char *notice = ms_stream_notice(s->stream);
    lua_pushstring(L, *notice ? notice : NULL);
  } else if (strcmp(key, "odd") == 0) push_odd(L, s);
  else return lms_no_such(L, lua_upvalueindex(1), "source");
  return 1;
}

static const lms_function methods[] = {
  { "read", source_read, 2 },
  { NULL, NULL, 0 },
};

static const lms_function functions[] = {
  { "read", audio_read, 2 },
  { "open", audio_open, 2 },
  { NULL, NULL, 0 },
};

void lms_add_sources(lua_State *L)
{
  lms_type(L, SOURCE, methods, release_source);
  luaL_getmetatable(L, SOURCE);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, source_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lms_functions(L, functions);
}
