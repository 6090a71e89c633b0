/* Writing audio in Lua: ms.audio.write, ms.audio.create and its sinks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../audio/soundwriter.h"
#include "../../base/error.h"
#include "../options.h"
#include "../tensor_arg.h"
#include "waves.h"

#define SINK "moonstem.sink"

static const char *encoding_option(lua_State *L, int arg, const char *who)
{
  static const char *const known[] = { "int16", "int24", "float", NULL };
  const char *name = lms_opt_string(L, arg, "encoding", NULL);
  for (const char *const *k = known; name && *k; k++)
    if (strcmp(name, *k) == 0) return name;
  if (name)
    luaL_error(L, "%s: encoding must be \"int16\", \"int24\" or \"float\", got \"%s\"", who,
               name);
  return NULL;
}

/* The rate in front of `arg`, encoding and quality from the table there. */
static ms_soundwriter_options read_options(lua_State *L, int arg, const char *who,
                                           const char *const *known)
{
  ms_soundwriter_options o = { .channels = 1, .quality = -1 };
  o.rate = lms_within(L, who, "rate", luaL_checkinteger(L, arg - 1), LMS_LEAST_FILE_RATE,
                      LMS_MOST_RATE);
  lms_options(L, arg, who, known);
  o.encoding = encoding_option(L, arg, who);
  if (!lms_has_option(L, arg, "quality")) return o;
  o.quality = lms_opt_number(L, arg, "quality", 0);
  if (!(o.quality >= 0 && o.quality <= 1))
    luaL_error(L, "%s: quality must be 0..1, got %f", who, o.quality);
  return o;
}

/* The message about a level, of two numbers. */
static void push_level(lua_State *L, const char *path, const char *format, double a, double b)
{
  char text[160];
  snprintf(text, sizeof text, format, a, b);
  lua_pushfstring(L, "%s: %s (encoding = \"float\" in a .wav keeps the level)", path, text);
}

/* ---- at once ---- */

/** ms.audio.write(path, wave, rate, {encoding = "int16" | "int24" | "float",
   quality = 0..1}) -> true [, notice], or nil and a message. wave is a recording, (sample) or
   (sample, channel); full scale is -1..1; rate is 1000..1000000 Hz. The name's ending says
   the kind: .wav .flac .aiff (encoding: whole numbers are rounded to the nearest step), .ogg
   .opus .mp3 (quality: 1 is the best; the bit rate varies with the sound). A wave above full
   scale is scaled as a whole to fit, and the notice tells by how much; floats keep their level.
   Whole numbers must be finite. Two writes give the same bytes. The file appears only when it is
   complete. */
static int audio_write(lua_State *L)
{
  static const char *const known[] = { "encoding", "quality", NULL };
  const char *path = lms_path(L, 1);
  ms_tensor *t = lms_tensor(L, 2);
  if (lua_isnoneornil(L, 3))
    return luaL_error(L, "audio.write: the rate in Hz is needed behind the wave");
  ms_soundwriter_options o = read_options(L, 4, "audio.write", known);
  o.channels = lms_channels(L, t, "audio.write");
  double gain;
  if (ms_soundwriter_put(path, o, t->data, t->dim[0], &gain) != 0) return lms_refuse(L);
  lua_pushboolean(L, 1);
  if (gain == 1) return 1;
  push_level(L, path, "the wave peaks at %.4g, above full scale; all of it was scaled by %.4g",
             1 / gain, gain);
  return 2;
}

/* ---- piece by piece ---- */

typedef struct sink {
  ms_soundwriter *writer;
  int channels;
  char path[];
} sink;

static void release_sink(void *handle)
{
  sink *s = handle;
  ms_soundwriter_cancel(s->writer);
  free(s);
}

/** ms.audio.create(path, rate, {channels = 1, encoding =, quality =}) -> sink, or nil and a
   message: a file that is written piece by piece, of the kinds of ms.audio.write. sink:write(wave)
   appends; sink:finish() completes the file, which appears under its name then and only then: what
   is closed before, by sink:close() or by `local sink <close> = ...`, leaves nothing behind. */
static int audio_create(lua_State *L)
{
  static const char *const known[] = { "channels", "encoding", "quality", NULL };
  const char *path = lms_path(L, 1);
  ms_soundwriter_options o = read_options(L, 3, "audio.create", known);
  o.channels = lms_within(L, "audio.create", "channels", lms_opt_integer(L, 3, "channels", 1),
                          1, LMS_MOST_CHANNELS);
  const size_t bytes = strlen(path) + 1;
  void **h = lms_handle(L, SINK);
  sink *s = *h = calloc(1, sizeof *s + bytes);
  if (!s) return ms_fail("%s: no memory to write it", path), lms_raise(L);
  memcpy(s->path, path, bytes);
  s->channels = o.channels;
  s->writer = ms_soundwriter_open(path, o);
  return s->writer ? 1 : lms_refuse(L);
}

/** sink:write(wave) -> sink, or nil and a message: appends a recording, (sample) or
   (sample, channel) with the sink's channels. */
static int sink_write(lua_State *L)
{
  sink *s = lms_check(L, 1, SINK);
  ms_tensor *t = lms_tensor(L, 2);
  int channels = lms_channels(L, t, "sink:write");
  if (channels != s->channels)
    return luaL_error(L, "sink:write: the file has %d channels, the wave %d", s->channels,
                      channels);
  if (ms_soundwriter_write(s->writer, t->data, t->dim[0], 1) != 0) return lms_refuse(L);
  lua_settop(L, 1);
  return 1;
}

/** sink:finish() -> true [, notice], or nil and a message: completes the file and closes the sink.
   The notice is there when samples above full scale were clipped; floats are not. */
static int sink_finish(lua_State *L)
{
  sink *s = lms_check(L, 1, SINK);
  double peak;
  size_t clipped = ms_soundwriter_clipped(s->writer, &peak);
  int status = ms_soundwriter_finish(s->writer);
  s->writer = NULL;
  push_level(L, s->path, "%.0f samples above full scale were clipped, the wave peaks at %.4g",
             (double)clipped, peak);
  lua_getfield(L, 1, "close");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  if (status != 0) return lms_refuse(L);
  lua_pushboolean(L, 1);
  lua_insert(L, -2);
  return clipped ? 2 : (lua_pop(L, 1), 1);
}

static const lms_function methods[] = {
  { "write", sink_write, 2 },
  { "finish", sink_finish, 1 },
  { NULL, NULL, 0 },
};

static const lms_function functions[] = {
  { "write", audio_write, 4 },
  { "create", audio_create, 3 },
  { NULL, NULL, 0 },
};

void lms_add_sinks(lua_State *L)
{
  lms_type(L, SINK, methods, release_sink);
  lms_functions(L, functions);
}
