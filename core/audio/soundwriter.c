/* Writing audio files through libsndfile. */
#include "soundwriter.h"

#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/system/atomic.h"
#include "formats/ogg_channels.h"
#include "formats/ogg_pages.h"
#include "soundsink.h"

#ifdef MS_DOUBLE
#define WRITE sf_writef_double
#else
#define WRITE sf_writef_float
#endif

enum { PIECE = 8192 };

struct ms_soundwriter {
  ms_atomic *file;
  ms_soundsink sink;
  SNDFILE *sound;
  SF_INFO info;
  size_t frames;  /* written so far */
  size_t clipped; /* samples */
  double peak;
  union { int whole[PIECE]; real floats[PIECE]; } piece;
  char path[]; /* as the caller wrote it */
};

/* ---- kinds of files ---- */

enum { LINEAR = 1, PERCEPTUAL = 2 };

/* The only rates of some kinds, ended by 0. Checked here: libsndfile 1.2.0 loses 200 kB of
   memory when its MP3 encoder refuses a rate. */
static const int opus_rates[] = { 8000, 12000, 16000, 24000, 48000, 0 };
static const int mpeg_rates[] = { 8000,  11025, 12000, 16000, 22050,
                                  24000, 32000, 44100, 48000, 0 };

static const struct kind {
  const char *ending;
  int format, kind;
  const int *rates; /* NULL: any */
} kinds[] = {
  { ".wav", SF_FORMAT_WAV, LINEAR, NULL },
  { ".aiff", SF_FORMAT_AIFF, LINEAR, NULL },
  { ".flac", SF_FORMAT_FLAC, LINEAR, NULL },
  { ".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, PERCEPTUAL, NULL },
  { ".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, PERCEPTUAL, opus_rates },
  { ".mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, PERCEPTUAL, mpeg_rates },
};

static const struct {
  const char *name;
  int format;
} encodings[] = {
  { "int16", SF_FORMAT_PCM_16 },
  { "int24", SF_FORMAT_PCM_24 },
  { "float", SF_FORMAT_FLOAT },
};

static int find_encoding(const char *name, int *format)
{
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
    if (strcmp(name, encodings[i].name) == 0) return *format |= encodings[i].format, 0;
  return ms_fail("there is no encoding \"%s\"; there are int16, int24 and float", name);
}

static const struct kind *find_kind(const char *path)
{
  const char *dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++)
    if (strcasecmp(dot, kinds[i].ending) == 0) return &kinds[i];
  return NULL;
}

static int check_rate(const struct kind *k, int rate)
{
  if (!k->rates) return 0;
  for (const int *r = k->rates; *r; r++)
    if (*r == rate) return 0;
  return ms_fail("%s files cannot have %d Hz; 16000 and 48000 Hz are among their rates",
                 k->ending, rate);
}

/* Sets the format that the name and the encoding ask for. 0, or -1 and a message without the
   name. */
static int find_format(const char *path, const char *encoding, SF_INFO *info)
{
  const struct kind *k = find_kind(path);
  if (!k) return ms_fail("the name must end in .wav, .flac, .aiff, .ogg, .opus or .mp3");
  info->format = k->format;
  if (check_rate(k, info->samplerate) != 0) return -1;
  if (k->kind == PERCEPTUAL && encoding)
    return ms_fail("%s files have no encoding to choose", k->ending);
  if (k->kind == LINEAR && find_encoding(encoding ? encoding : "int16", &info->format) != 0)
    return -1;
  if (sf_format_check(info)) return 0;
  return ms_fail("this kind of file cannot hold %d channels at %d Hz in this encoding",
                 info->channels, info->samplerate);
}

static int is_float(const ms_soundwriter *w)
{
  return (w->info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT;
}

/* Steps from 0 to full scale of whole numbers, else 0. */
static int steps_of(const ms_soundwriter *w)
{
  int minor = w->info.format & SF_FORMAT_SUBMASK;
  return minor == SF_FORMAT_PCM_16 ? 1 << 15 : minor == SF_FORMAT_PCM_24 ? 1 << 23 : 0;
}

/* ---- opening ---- */

/* MP3 and Ogg have a variable bit rate, as the quality needs at each moment. */
static void set_quality(SNDFILE *f, double quality)
{
  int mode = SF_BITRATE_MODE_VARIABLE;
  double compression = 1 - quality;
  sf_command(f, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
  if (quality < 0) return;
  sf_command(f, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
  sf_command(f, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
}

/* For each channel, and for all of them: libsndfile and its codecs take at most half of it,
   measured for Vorbis, and do not always look whether they get it. */
enum { TAKEN = 1 << 20 };

static int open_sndfile(ms_soundwriter *w, double quality)
{
  if (ms_memory_room((size_t)(w->info.channels + 1) * TAKEN) != 0)
    return ms_fail_within(w->path);
  w->sink.file = ms_atomic_file(w->file);
  w->sound = ms_soundsink_open(&w->sink, &w->info);
  if (!w->sound) return ms_fail("%s", sf_strerror(NULL)), ms_fail_within(w->path);
  sf_command(w->sound, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the time of day */
  set_quality(w->sound, quality);
  return 0;
}

ms_soundwriter *ms_soundwriter_open(const char *path, ms_soundwriter_options o)
{
  SF_INFO info = { .samplerate = o.rate, .channels = o.channels };
  if (find_format(path, o.encoding, &info) != 0) return ms_fail_within(path), NULL;
  const size_t bytes = strlen(path) + 1;
  ms_soundwriter *w = calloc(1, sizeof *w + bytes);
  if (!w) return ms_fail("%s: no memory to write it", path), NULL;
  memcpy(w->path, path, bytes);
  w->info = info;
  w->file = ms_atomic_open(path, 0);
  if (w->file && open_sndfile(w, o.quality) == 0) return w;
  ms_soundwriter_cancel(w);
  return NULL;
}

/* ---- writing ---- */

/* Looks for the peak of `count` numbers; -1 and a message where one is not finite. */
static int look_at(ms_soundwriter *w, const real *x, size_t count)
{
  size_t channels = (size_t)w->info.channels;
  for (size_t i = 0; i < count; i++) {
    double a = fabs((double)x[i]);
    if (!isfinite(a))
      return ms_fail("sample %zu of the wave is not a finite number",
                     w->frames + i / channels + 1);
    if (a > w->peak) w->peak = a;
  }
  return 0;
}

/* Full scale, and the half step beyond it that rounding brings back. */
static double full_scale(const ms_soundwriter *w)
{
  return steps_of(w) ? 1 + 0.5 / steps_of(w) : 1;
}

/* The sample within full scale; counts those that were not. */
static double clip(ms_soundwriter *w, double x)
{
  if (x >= -1 && x <= 1) return x;
  if (fabs(x) > full_scale(w)) w->clipped++;
  return x < 0 ? -1 : 1;
}

/* To the nearest step, ties to the even one, in the upper bits of an int. The largest step
   is one below full scale. */
static void make_whole(ms_soundwriter *w, const real *x, size_t count, double gain)
{
  int steps = steps_of(w), shift = steps == 1 << 15 ? 1 << 16 : 1 << 8;
  for (size_t i = 0; i < count; i++) {
    double y = rint(clip(w, (double)x[i] * gain) * steps);
    w->piece.whole[i] = (int)(y < steps ? y : steps - 1) * shift;
  }
}

static void make_floats(ms_soundwriter *w, const real *x, size_t count, double gain)
{
  for (size_t i = 0; i < count; i++) {
    double y = (double)x[i] * gain;
    w->piece.floats[i] = (real)(is_float(w) ? y : clip(w, y));
  }
}

static int is_ogg(const ms_soundwriter *w)
{
  return (w->info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG;
}

static int write_piece(ms_soundwriter *w, const real *x, size_t frames, double gain)
{
  size_t count = frames * (size_t)w->info.channels;
  int whole = steps_of(w) > 0;
  if (!is_float(w) && look_at(w, x, count) != 0) return -1;
  if (whole) make_whole(w, x, count, gain);
  else make_floats(w, x, count, gain);
  if (is_ogg(w)) ms_ogg_channels_from_wav(w->piece.floats, frames, (size_t)w->info.channels);
  sf_count_t n = (sf_count_t)frames;
  sf_count_t done = whole ? sf_writef_int(w->sound, w->piece.whole, n)
                          : WRITE(w->sound, w->piece.floats, n);
  if (ms_soundsink_check(&w->sink) != 0) return -1;
  if (done != n) return ms_fail("writing failed: %s", sf_strerror(w->sound));
  w->frames += frames;
  return 0;
}

int ms_soundwriter_write(ms_soundwriter *w, const real *wave, size_t frames, double gain)
{
  size_t channels = (size_t)w->info.channels, most = PIECE / channels;
  while (frames > 0) {
    size_t n = frames < most ? frames : most;
    if (write_piece(w, wave, n, gain) != 0) return ms_fail_within(w->path);
    wave += n * channels;
    frames -= n;
  }
  return 0;
}

size_t ms_soundwriter_clipped(const ms_soundwriter *w, double *peak)
{
  *peak = w->peak;
  return w->clipped;
}

/* ---- the end ---- */

static int close_sound(ms_soundwriter *w)
{
  int closed = sf_close(w->sound);
  w->sound = NULL;
  if (ms_soundsink_check(&w->sink) != 0) return -1;
  if (closed != 0) return ms_fail("writing failed: %s", sf_error_number(closed));
  return is_ogg(w) ? ms_ogg_renumber(ms_atomic_file(w->file)) : 0;
}

int ms_soundwriter_finish(ms_soundwriter *w)
{
  int status = close_sound(w);
  if (status != 0) {
    ms_fail_within(w->path);
  } else {
    status = ms_atomic_commit(w->file);
    w->file = NULL;
  }
  ms_soundwriter_cancel(w);
  return status;
}

void ms_soundwriter_cancel(ms_soundwriter *w)
{
  if (!w) return;
  if (w->sound) sf_close(w->sound);
  ms_atomic_cancel(w->file);
  free(w);
}

static double peak_of(const real *x, size_t count)
{
  double peak = 0;
  for (size_t i = 0; i < count; i++)
    if (fabs((double)x[i]) > peak) peak = fabs((double)x[i]);
  return peak;
}

int ms_soundwriter_put(const char *path, ms_soundwriter_options o, const real *wave,
                       size_t frames, double *gain)
{
  *gain = 1;
  ms_soundwriter *w = ms_soundwriter_open(path, o);
  if (!w) return -1;
  double peak = peak_of(wave, frames * (size_t)o.channels);
  if (!is_float(w) && peak > full_scale(w) && isfinite(peak)) *gain = 1 / peak;
  if (ms_soundwriter_write(w, wave, frames, *gain) == 0) return ms_soundwriter_finish(w);
  ms_soundwriter_cancel(w);
  return -1;
}
