/* MP3 through libmpg123: the only door to it.
   libsndfile reads MP3 through the same library, but with two faults that are gone here:
   it prints "part2_3_length too large" on the terminal after most seeks in low-rate
   files, and it stops early, silently, in files of variable rate that carry no length
   header. */
#include <mpg123.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../base/thread.h"
#include "../formats/mpeg_header.h"
#include "decoder.h"

/* Frames decoded before a wanted one: 32 kbit/s borrows bits from up to 5 frames back. */
enum { PREFRAMES = 12, FEW = 4096, MPEG_FRAME = 1152 };

static ms_mutex lock = MS_MUTEX_INIT;
MS_HELD_OVER_FORKS(lock)

static void start_library(void)
{
  ms_lock(&lock);
  mpg123_init(); /* builds tables in old versions; cheap when repeated */
  ms_unlock(&lock);
}

static int set_up(mpg123_handle *m)
{
  long flags = MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_GAPLESS;
  return mpg123_param(m, MPG123_ADD_FLAGS, flags, 0) == MPG123_OK &&
         mpg123_param(m, MPG123_RVA, MPG123_RVA_OFF, 0) == MPG123_OK &&
         mpg123_param(m, MPG123_PREFRAMES, PREFRAMES, 0) == MPG123_OK;
}

typedef struct mpeg {
  mpg123_handle *handle;
  int joined; /* 1: several files in one; jumps behind the first would be wrong */
} mpeg;

/* A length header (Xing, Info) declares a length, if the file ends with what it counts;
   else the frames are counted. */
static int declared_frames(mpeg *d, const char *path, size_t *frames)
{
  uint64_t at;
  long delay = -1;
  FILE *f = fopen(path, "rb");
  int whole = f && ms_mpeg_find(f, ms_mpeg_after_tags(f, 0), &at) &&
              ms_mpeg_length_is_whole(f, at);
  if (f) fclose(f);
  if (mpg123_getstate(d->handle, MPG123_ENC_DELAY, &delay, NULL) != MPG123_OK) delay = -1;
  d->joined = !whole && delay >= 0;
  if (!whole && mpg123_scan(d->handle) != MPG123_OK) return -1;
  off_t n = mpg123_length(d->handle);
  if (n < 0) return -1;
  *frames = (size_t)n;
  return 0;
}

static int open_mpeg(ms_sound *s)
{
  start_library();
  mpeg *d = s->state = calloc(1, sizeof *d);
  mpg123_handle *m = d ? d->handle = mpg123_new(NULL, NULL) : NULL;
  if (!m) return ms_fail("no memory for an MP3 decoder");
  long rate;
  int encoding;
  if (!set_up(m) || mpg123_open(m, s->path) != MPG123_OK)
    return ms_fail("%s", mpg123_strerror(m));
  if (mpg123_getformat(m, &rate, &s->info.channels, &encoding) != MPG123_OK)
    return ms_fail("no MPEG audio was found in it (damaged, all zeros, or not an MP3)");
  if (encoding != MPG123_ENC_FLOAT_32)
    return ms_fail("libmpg123 does not decode to floats");
  s->info.rate = (int)rate;
  struct mpg123_frameinfo first;
  int layer = mpg123_info(m, &first) == MPG123_OK ? first.layer : 3;
  snprintf(s->info.format, sizeof s->info.format, "mp%d", layer);
  s->info.slack = (size_t)4 * MPEG_FRAME; /* encoders count their ends differently */
  if (declared_frames(d, s->path, &s->info.frames) != 0)
    return ms_fail("its MPEG frames cannot be counted: %s", mpg123_strerror(m));
  return 0;
}

/* A file that changes its rate or channels on the way is refused from there on. */
static int same_format(ms_sound *s)
{
  long rate;
  int channels, encoding;
  mpg123_handle *m = ((mpeg *)s->state)->handle;
  if (mpg123_getformat(m, &rate, &channels, &encoding) != MPG123_OK) return 1;
  return rate == s->info.rate && channels == s->info.channels;
}

/* mpg123_read without its habit of returning early; status of the last call, NEW_FORMAT only
   where the rate or the channels became others. */
static int read_floats(ms_sound *s, float *out, size_t count, size_t *got)
{
  mpg123_handle *m = ((mpeg *)s->state)->handle;
  int status = MPG123_OK, quiet = 0;
  for (*got = 0; *got < count && quiet < 8;) {
    size_t bytes = 0;
    status = mpg123_read(m, (unsigned char *)(out + *got), (count - *got) * sizeof *out,
                         &bytes);
    *got += bytes / sizeof *out;
    quiet = bytes ? 0 : quiet + 1;
    if (status == MPG123_NEW_FORMAT && same_format(s)) status = MPG123_OK;
    if (status != MPG123_OK) break;
  }
  return status;
}

/* 1 when the decoder's next frame is `first`, 0 when the file ends before it, or -1. */
static int go_to(ms_sound *s, size_t first)
{
  mpeg *d = s->state;
  if (first == s->at) return 1;
  off_t to = d->joined ? 0 : (off_t)first;
  if ((first < s->at || !d->joined) && mpg123_seek(d->handle, to, SEEK_SET) != to) return 0;
  if (first < s->at || !d->joined) s->at = (size_t)to;
  if (ms_sound_skip(s, first) != 0) return -1;
  if (!same_format(s)) return ms_sound_changes();
  return s->at == first;
}

/* Whether the decoder failed behind the last frame, where padding or tags that it does not know
   may be: no frames follow. */
static int is_past_the_end(ms_sound *s)
{
  mpg123_handle *m = ((mpeg *)s->state)->handle;
  off_t last = mpg123_framepos(m);
  if (mpg123_errcode(m) != MPG123_RESYNC_FAIL || last < 0) return 0;
  FILE *f = fopen(s->path, "rb");
  int more = !f || ms_mpeg_follows(f, (uint64_t)last + 4);
  if (f) fclose(f);
  return !more;
}

static int read_on(ms_sound *s, size_t count, real *out, size_t *got)
{
  mpg123_handle *m = ((mpeg *)s->state)->handle;
  size_t channels = (size_t)s->info.channels;
  float block[FEW];
  size_t most = FEW / channels;
  while (*got < count) {
    size_t want = count - *got < most ? count - *got : most, n;
    int status = read_floats(s, block, want * channels, &n);
    for (size_t i = 0; i < n / channels * channels; i++)
      out[*got * channels + i] = block[i];
    *got += n / channels;
    if (status == MPG123_NEW_FORMAT) return ms_sound_changes();
    if (n == want * channels) continue;
    if (status == MPG123_DONE || status == MPG123_OK || is_past_the_end(s)) return 0;
    return ms_fail("decoding stopped: %s", mpg123_strerror(m));
  }
  return 0;
}

static int read_mpeg(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  int there = go_to(s, first);
  return there == 1 ? read_on(s, count, out, got) : there;
}

static void close_mpeg(ms_sound *s)
{
  mpeg *d = s->state;
  if (d) mpg123_delete(d->handle);
  free(d);
}

const ms_decoder ms_decoder_mpeg = { open_mpeg, read_mpeg, close_mpeg };
