/* Ogg Vorbis through libvorbisfile, the reference decoder: the only door to it.
   libsndfile 1.2.0 reads Vorbis too, but gives the first link of a chain only, shifts
   what is read after a short jump or a jump into the last page, and calls good files
   damaged whose time stamps are not those that it expects. */
#include <stdio.h>
#include <stdlib.h>
#define OV_EXCLUDE_STATIC_CALLBACKS
#include <vorbis/vorbisfile.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../formats/ogg_pages.h"
#include "ogg.h"

typedef struct vorbis {
  OggVorbis_File file;
  int open;
  long block; /* size of the block before, while time stamps are added up */
} vorbis;

static const char *text_of(int status)
{
  switch (status) {
  case OV_EREAD: return "it cannot be read";
  case OV_EVERSION: return "its version of Vorbis is unknown";
  case OV_EBADHEADER: return "its Vorbis header is damaged";
  default: return "it holds no Vorbis sound, or its header is damaged";
  }
}

static long next(ms_sound *s, size_t count, real *out)
{
  vorbis *d = s->state;
  float **x;
  int link, channels = s->info.channels;
  long n = ov_read_float(&d->file, &x, count < 4096 ? (int)count : 4096, &link);
  if (n == OV_HOLE || n == OV_EBADLINK) return MS_OGG_HOLE;
  if (n < 0) return ms_fail("decoding stopped: %s", text_of((int)n)), MS_OGG_FAILED;
  if (n == 0) return 0;
  const vorbis_info *info = ov_info(&d->file, -1);
  if (info->rate != s->info.rate || info->channels != channels)
    return ms_sound_changes(), MS_OGG_FAILED;
  for (int c = 0; c < channels; c++)
    for (long i = 0; i < n; i++) out[i * channels + c] = x[c][i];
  return n;
}

static long long tell(ms_sound *s)
{
  return ov_pcm_tell(&((vorbis *)s->state)->file);
}

static int seek(ms_sound *s, size_t to)
{
  return ov_pcm_seek(&((vorbis *)s->state)->file, (ogg_int64_t)to);
}

/* Blocks overlap: a packet completes a quarter of the block before and one of its own. */
static long duration(void *state, uint8_t *packet, size_t bytes)
{
  vorbis *d = state;
  ogg_packet p = { .packet = packet, .bytes = (long)bytes };
  long block = vorbis_packet_blocksize(ov_info(&d->file, 0), &p), before = d->block;
  if (block <= 0) return 0;
  d->block = block;
  return before ? before / 4 + block / 4 : 0;
}

static void look(ms_sound *s)
{
  s->jumps = ms_ogg_stamps_add_up(s->path, 3, duration, s->state);
  s->info.rough = !s->jumps;
}

static const ms_ogg calls = { next, tell, seek, look, 0 };

/* More than libvorbis took in measurements; it does not look whether it gets memory. */
enum { TAKEN = 4 << 20 };

static int open_vorbis(ms_sound *s)
{
  vorbis *d = s->state = calloc(1, sizeof *d);
  if (!d) return ms_fail("no memory to open it");
  if (ms_memory_room(TAKEN) != 0) return -1;
  int status = ov_fopen(s->path, &d->file);
  if (status != 0) return ms_fail("%s", text_of(status));
  d->open = 1;
  const vorbis_info *info = ov_info(&d->file, 0);
  s->info.rate = (int)info->rate;
  s->info.channels = info->channels;
  ms_ogg_declare(s, &calls, ov_pcm_total(&d->file, -1));
  snprintf(s->info.format, sizeof s->info.format, "Ogg, Vorbis");
  return 0;
}

static void close_vorbis(ms_sound *s)
{
  vorbis *d = s->state;
  if (d && d->open) ov_clear(&d->file);
  free(d);
}

const ms_decoder ms_decoder_vorbis = { open_vorbis, ms_ogg_read, close_vorbis };
