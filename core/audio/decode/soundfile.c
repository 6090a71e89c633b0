/* Reading audio files through libsndfile. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../formats/chunks.h"
#include "../formats/joined_flac.h"
#include "decoder.h"

#ifdef MS_DOUBLE
#define READ sf_readf_double
#else
#define READ sf_readf_float
#endif

static void name_format(int format, char *name, size_t size)
{
  SF_FORMAT_INFO major = { .format = format & SF_FORMAT_TYPEMASK };
  SF_FORMAT_INFO minor = { .format = format & SF_FORMAT_SUBMASK };
  sf_command(NULL, SFC_GET_FORMAT_INFO, &major, sizeof major);
  sf_command(NULL, SFC_GET_FORMAT_INFO, &minor, sizeof minor);
  snprintf(name, size, "%s, %s", major.name ? major.name : "unknown",
           minor.name ? minor.name : "unknown");
}

/* The codecs inside which a jump gives what a decode from the start gives, and the bytes of
   a sample where these are plain numbers. */
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

/* Where the header declares more frames than the file holds, libsndfile gives the latter. Takes
   what was declared, so that a missing end of the file is noticed. */
static void set_declared(ms_sound *s, const SF_INFO *info)
{
  ms_chunks c;
  if (!ms_chunks_of(s->path, &c) || c.declared <= c.there || c.there == 0) return;
  int bytes = codec_of(info->format).bytes * info->channels;
  double frames = bytes ? (double)c.declared / bytes
                        : (double)info->frames * (double)c.declared / (double)c.there;
  if (frames > (double)s->info.frames && frames < 9e15) s->info.frames = (size_t)frames;
}

/* libsndfile takes the byte that pads an odd chunk of GSM in WAV for one block more. */
static void drop_padding(ms_sound *s)
{
  enum { BLOCK = 65, FRAMES = 320 };
  ms_chunks c;
  if (!ms_chunks_of(s->path, &c) || !c.riff || !c.declared) return;
  size_t frames = (size_t)(c.declared / BLOCK * FRAMES);
  if (frames && frames < s->info.frames) s->info.frames = frames;
}

typedef struct soundfile {
  SNDFILE *file;
  int jumps, flac;
} soundfile;

static int refuse(void)
{
  /* its own message for "not a known format" blames the file system */
  int code = sf_error(NULL);
  if (code == SF_ERR_UNRECOGNISED_FORMAT || code == SF_ERR_SYSTEM)
    return ms_fail("it is not an audio file of a known kind, or its header is damaged");
  return ms_fail("%s", sf_strerror(NULL));
}

/* libsndfile and its codecs take less, measured for up to eight channels, and do not always look
   whether they get it. */
enum { TAKEN = 8 << 20 };

static int open_sndfile(ms_sound *s)
{
  SF_INFO info = { 0 };
  soundfile *d = s->state = calloc(1, sizeof *d);
  if (!d) return ms_fail("no memory to open it");
  /* without its name, from whose ending the library would guess a kind */
  if (ms_memory_room(TAKEN) != 0) return -1;
  int fd = open(s->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ms_fail("%s", strerror(errno));
  d->file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE); /* closes fd also if it fails */
  if (!d->file) return refuse();
  if (info.frames <= 0) return ms_fail("its header declares no sound");
  d->jumps = codec_of(info.format).jumps;
  d->flac = (info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
  s->info.open_ended = info.frames == SF_COUNT_MAX;
  s->info.frames = s->info.open_ended ? 0 : (size_t)info.frames;
  s->info.rate = info.samplerate;
  s->info.channels = info.channels;
  name_format(info.format, s->info.format, sizeof s->info.format);
  if (!s->info.open_ended) set_declared(s, &info);
  if ((info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_GSM610) drop_padding(s);
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
  if (!s->info.open_ended && count > s->info.frames - first) count = s->info.frames - first;
  while (*got < count) {
    sf_count_t n = READ(d->file, out + *got * (size_t)s->info.channels,
                        (sf_count_t)(count - *got));
    if (n <= 0) break;
    *got += (size_t)n;
  }
  if (*got < count && sf_error(d->file) != SF_ERR_NO_ERROR)
    return ms_fail("decoding stopped: %s", sf_strerror(d->file));
  if (d->flac && !s->info.open_ended && first + *got == s->info.frames)
    s->info.followed = ms_flac_is_joined(s->path);
  return 0;
}

static void close_sndfile(ms_sound *s)
{
  soundfile *d = s->state;
  if (d && d->file) sf_close(d->file);
  free(d);
}

const ms_decoder ms_decoder_sndfile = { open_sndfile, read_sndfile, close_sndfile };
