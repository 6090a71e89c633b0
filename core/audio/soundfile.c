/* Audio files through libsndfile: the only door to it. */
#define _GNU_SOURCE
#include "soundfile.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../base/error.h"
#include "chunks.h"
#include "decoder.h"

#ifdef MS_DOUBLE
#define READ  sf_readf_double
#define WRITE sf_writef_double
#else
#define READ  sf_readf_float
#define WRITE sf_writef_float
#endif

/* ---- reading ---- */

static void name_format(int format, char *name, size_t size)
{
  SF_FORMAT_INFO major = { .format = format & SF_FORMAT_TYPEMASK };
  SF_FORMAT_INFO minor = { .format = format & SF_FORMAT_SUBMASK };
  sf_command(NULL, SFC_GET_FORMAT_INFO, &major, sizeof major);
  sf_command(NULL, SFC_GET_FORMAT_INFO, &minor, sizeof minor);
  snprintf(name, size, "%s, %s", major.name ? major.name : "unknown",
           minor.name ? minor.name : "unknown");
}

/* Codecs that are no plain numbers: whether a jump inside gives what a decode from the
   start gives, and the bytes of one number where they are plain. */
static const struct codec {
  int format, bytes, jumps;
} codecs[] = {
  { SF_FORMAT_PCM_S8, 1, 1 },  { SF_FORMAT_PCM_U8, 1, 1 },    { SF_FORMAT_PCM_16, 2, 1 },
  { SF_FORMAT_PCM_24, 3, 1 },  { SF_FORMAT_PCM_32, 4, 1 },    { SF_FORMAT_FLOAT, 4, 1 },
  { SF_FORMAT_DOUBLE, 8, 1 },  { SF_FORMAT_ULAW, 1, 1 },      { SF_FORMAT_ALAW, 1, 1 },
  { SF_FORMAT_IMA_ADPCM, 0, 1 }, { SF_FORMAT_MS_ADPCM, 0, 1 }, /* blocks of their own */
};

static struct codec codec_of(int format)
{
  if ((format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC) return (struct codec){ 0, 0, 1 };
  for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
    if (codecs[i].format == (format & SF_FORMAT_SUBMASK)) return codecs[i];
  return (struct codec){ 0, 0, 0 };
}

/* libsndfile gives the frames that the file holds where its header declares more: what
   was declared, so that a file whose end is missing is told. */
static void set_declared(ms_sound *s, const SF_INFO *info)
{
  ms_chunks c;
  FILE *f = fopen(s->path, "rb");
  int known = f && ms_chunks_read(f, &c);
  if (f) fclose(f);
  if (!known || c.declared <= c.there || c.there == 0) return;
  int bytes = codec_of(info->format).bytes * info->channels;
  double frames = bytes ? (double)c.declared / bytes
                        : (double)info->frames * (double)c.declared / (double)c.there;
  if (frames > (double)s->info.frames && frames < 9e15) s->info.frames = (size_t)frames;
}

typedef struct soundfile {
  SNDFILE *file;
  int jumps;
} soundfile;

static int refuse(void)
{
  /* its own words for "not a known format" blame the file system */
  int code = sf_error(NULL);
  if (code == SF_ERR_UNRECOGNISED_FORMAT || code == SF_ERR_SYSTEM)
    return ms_fail("it is not an audio file of a known kind, or its header is damaged");
  return ms_fail("%s", sf_strerror(NULL));
}

static int open_sndfile(ms_sound *s)
{
  SF_INFO info = { 0 };
  soundfile *d = s->state = calloc(1, sizeof *d);
  if (!d) return ms_fail("no memory to open it");
  /* without its name, from whose ending the library would guess a kind */
  int fd = open(s->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ms_fail("%s", strerror(errno));
  d->file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE); /* closes fd also if it fails */
  if (!d->file) return refuse();
  if (info.frames <= 0) return ms_fail("its header declares no sound");
  d->jumps = codec_of(info.format).jumps;
  s->info.open_ended = info.frames == SF_COUNT_MAX;
  s->info.frames = s->info.open_ended ? 0 : (size_t)info.frames;
  s->info.rate = info.samplerate;
  s->info.channels = info.channels;
  name_format(info.format, s->info.format, sizeof s->info.format);
  if (!s->info.open_ended) set_declared(s, &info);
  return 0;
}

static int go_to(ms_sound *s, size_t first)
{
  soundfile *d = s->state;
  if (first == s->at) return 0;
  sf_count_t to = d->jumps ? (sf_count_t)first : 0;
  if (first < s->at || d->jumps) {
    if (sf_seek(d->file, to, SEEK_SET) != to)
      return ms_fail("frame %zu cannot be reached: %s", first, sf_strerror(d->file));
    s->at = (size_t)to;
  }
  return ms_sound_skip(s, first);
}

static int read_sndfile(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  soundfile *d = s->state;
  if (first >= s->info.frames && !s->info.open_ended) return 0;
  if (go_to(s, first) != 0) return -1;
  if (s->at < first) return 0;
  while (*got < count) {
    sf_count_t n = READ(d->file, out + *got * (size_t)s->info.channels,
                        (sf_count_t)(count - *got));
    if (n <= 0) break;
    *got += (size_t)n;
  }
  if (*got < count && sf_error(d->file) != SF_ERR_NO_ERROR)
    return ms_fail("decoding stopped: %s", sf_strerror(d->file));
  return 0;
}

static void close_sndfile(ms_sound *s)
{
  soundfile *d = s->state;
  if (d && d->file) sf_close(d->file);
  free(d);
}

const ms_decoder ms_decoder_sndfile = { open_sndfile, read_sndfile, close_sndfile };

/* ---- writing ---- */

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

/* The format that the name and the wish ask for. 0, or -1 and a sentence without the
   name. */
static int find_format(const char *path, const char *encoding, SF_INFO *info)
{
  const struct kind *k = find_kind(path);
  if (!k) return ms_fail("the name must end in .wav, .flac, .aiff, .ogg, .opus or .mp3");
  info->format = k->format;
  if (check_rate(k, info->samplerate) != 0) return -1;
  if (k->kind == LINEAR)
    return find_encoding(encoding ? encoding : "int16", &info->format);
  return encoding ? ms_fail("%s files have no encoding to choose", k->ending) : 0;
}

static int all_finite(const real *x, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!isfinite(x[i]))
      return ms_fail("sample %zu of the wave is not a finite number", i + 1);
  return 0;
}

static int write_to(int fd, SF_INFO *info, const real *wave, size_t frames,
                    double quality)
{
  SNDFILE *f = sf_open_fd(fd, SFM_WRITE, info, 0);
  if (!f) return ms_fail("%s", sf_strerror(NULL));
  sf_command(f, SFC_SET_CLIPPING, NULL, SF_TRUE);
  if (quality >= 0) {
    double compression = 1 - quality;
    sf_command(f, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    sf_command(f, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
  }
  int status = 0;
  if (WRITE(f, wave, (sf_count_t)frames) != (sf_count_t)frames)
    status = ms_fail("writing failed: %s", sf_strerror(f));
  int closed = sf_close(f);
  return status == 0 && closed != 0
             ? ms_fail("writing failed: %s", sf_error_number(closed))
             : status;
}

/* Writes beside the name first, so that a crash leaves no half file under it. */
static int write_and_rename(const char *path, SF_INFO *info, const real *wave,
                            size_t frames, double quality)
{
  size_t room = strlen(path) + 32;
  char *beside = malloc(room);
  if (!beside) return ms_fail("no memory for its name");
  snprintf(beside, room, "%s.part-%ld", path, (long)getpid());
  int fd = open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int status = fd < 0 ? ms_fail("%s", strerror(errno))
                      : write_to(fd, info, wave, frames, quality);
  if (fd >= 0 && close(fd) != 0 && status == 0) status = ms_fail("%s", strerror(errno));
  if (status == 0 && rename(beside, path) != 0) status = ms_fail("%s", strerror(errno));
  if (fd >= 0 && status != 0) unlink(beside);
  free(beside);
  return status;
}

int ms_soundfile_write(const char *path, const real *wave, size_t frames, int channels,
                       int rate, const char *encoding, double quality)
{
  SF_INFO info = { .samplerate = rate, .channels = channels };
  if (find_format(path, encoding, &info) != 0) return ms_fail_within(path);
  int as_float = (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT;
  if (!as_float && all_finite(wave, frames * (size_t)channels) != 0)
    return ms_fail_within(path);
  if (!sf_format_check(&info)) {
    ms_fail("this kind of file cannot hold %d channels at %d Hz in this encoding",
            channels, rate);
    return ms_fail_within(path);
  }
  int status = write_and_rename(path, &info, wave, frames, quality);
  return status == 0 ? 0 : ms_fail_within(path);
}
