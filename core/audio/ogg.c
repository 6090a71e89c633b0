/* What Vorbis and Opus in Ogg have in common: gaps, links, jumps, the file's end. */
#include "ogg.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../base/error.h"

enum { MOST_PAGE = 27 + 255 + 255 * 255, PAGE_HEAD = 27 };

/* Time stamps of the last page say where the encoder's padding begins, and libraries
   differ in where they put it: the last seconds are reached by decoding on. */
#define END_SECONDS 2
#define GAP_SECONDS 60 /* a longer gap is a damaged time stamp */

/* Channels as WAV and ffmpeg order them (left, right, centre, low, back, side), by the
   order of Vorbis and Opus (left, centre, right, back, ..., low): Vorbis I, section
   4.3.9. */
static const unsigned char order[9][8] = {
  [3] = { 0, 2, 1 },          [5] = { 0, 2, 1, 3, 4 },
  [6] = { 0, 2, 1, 5, 3, 4 }, [7] = { 0, 2, 1, 6, 5, 3, 4 },
  [8] = { 0, 2, 1, 7, 5, 6, 3, 4 },
};

static void put_in_order(real *x, size_t frames, size_t channels)
{
  if (channels < 3 || channels == 4 || channels > 8) return;
  real frame[8];
  for (size_t i = 0; i < frames; i++, x += channels) {
    for (size_t c = 0; c < channels; c++) frame[c] = x[order[channels][c]];
    memcpy(x, frame, channels * sizeof *x);
  }
}

/* Bytes are missing before the next frame: s->gap frames of silence stand for them. */
static void measure_gap(ms_sound *s, const ms_ogg *codec, size_t at)
{
  long long next = codec->tell(s);
  size_t gap = next > 0 && (size_t)next > at ? (size_t)next - at : 0;
  s->gap = gap <= (size_t)(GAP_SECONDS * s->info.rate) ? gap : 0;
  if (s->gap) s->info.holes = 1;
}

static size_t give_silence(ms_sound *s, size_t most, real *out)
{
  size_t n = s->gap < most ? s->gap : most;
  memset(out, 0, n * (size_t)s->info.channels * sizeof *out);
  s->gap -= n;
  return n;
}

static int read_on(ms_sound *s, const ms_ogg *codec, size_t count, real *out, size_t *got)
{
  size_t channels = (size_t)s->info.channels;
  while (*got < count) {
    real *to = out + *got * channels;
    *got += give_silence(s, count - *got, to);
    if (*got == count) return 0;
    to = out + *got * channels;
    long n = codec->next(s, count - *got, to);
    if (n == 0) return 0;
    if (n == MS_OGG_FAILED) return -1;
    if (n == MS_OGG_HOLE) {
      measure_gap(s, codec, s->at + *got);
      continue;
    }
    put_in_order(to, (size_t)n, channels);
    *got += (size_t)n;
  }
  return 0;
}

/* To `first`, by a jump to a place before it from which decoding on is exact. */
static int go_to(ms_sound *s, const ms_ogg *codec, size_t first)
{
  size_t rate = (size_t)s->info.rate, lead = (size_t)(codec->lead * s->info.rate);
  size_t end = END_SECONDS * rate, frames = s->info.frames;
  size_t sure = frames > end ? frames - end : 0;
  size_t to = first > lead ? first - lead : 0;
  if (to > sure) to = sure;
  if (first < s->at || to > s->at) {
    if (codec->seek(s, to) != 0) return ms_fail("frame %zu cannot be reached", first);
    s->at = to;
    s->gap = 0;
  }
  return ms_sound_skip(s, first);
}

int ms_ogg_read(ms_sound *s, const ms_ogg *codec, size_t first, size_t count, real *out,
                size_t *got)
{
  if (first != s->at && go_to(s, codec, first) != 0) return -1;
  return s->at < first ? 0 : read_on(s, codec, count, out, got);
}

/* The bytes of the page at b, of which `there` are at hand; more than those if it goes on
   behind them. */
static size_t page_bytes(const uint8_t *b, size_t there)
{
  if (there < PAGE_HEAD || there < (size_t)PAGE_HEAD + b[26]) return there + 1;
  size_t bytes = (size_t)PAGE_HEAD + b[26];
  for (int i = 0; i < b[26]; i++) bytes += b[PAGE_HEAD + i];
  return bytes;
}

int ms_ogg_cut_off(const char *path)
{
  static const uint8_t mark[5] = { 'O', 'g', 'g', 'S', 0 };
  uint8_t b[MOST_PAGE];
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  if (fseeko(f, -(off_t)sizeof b, SEEK_END) != 0) rewind(f);
  size_t n = fread(b, 1, sizeof b, f), at = n > 5 ? n - 5 : 0;
  fclose(f);
  while (at > 0 && memcmp(b + at, mark, sizeof mark) != 0) at--;
  return page_bytes(b + at, n - at) > n - at;
}

int ms_ogg_other_link(void)
{
  return ms_fail("its rate or channels change on the way");
}
