/* Changing the sampling rate: the only door to libsoxr. */
#include "resample.h"

#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/memory.h"

#ifdef MS_DOUBLE
#define TYPE SOXR_FLOAT64_I
#else
#define TYPE SOXR_FLOAT32_I
#endif

/* REACH: samples of the lower rate that the filter sees on each side. Half of it was
   measured to be as exact. MOST: frames made between two checks for Ctrl-C. */
enum { REACH = 256, PIECE = 4096, MOST = 1 << 18 };

static size_t common_divisor(size_t a, size_t b)
{
  return b ? common_divisor(b, a % b) : a;
}

/* Two rates in lowest terms; those that are no rates are as if they were equal. */
typedef struct ratio {
  size_t from, to;
} ratio;

static ratio in_lowest_terms(int from, int to)
{
  if (from < 1 || to < 1) return (ratio){ 1, 1 };
  const size_t g = common_divisor((size_t)from, (size_t)to);
  return (ratio){ (size_t)from / g, (size_t)to / g };
}

size_t ms_resample_length(size_t count, int from, int to)
{
  const ratio r = in_lowest_terms(from, to);
  const size_t a = r.from, b = r.to;
  return count / a * b + (count % a * b + a - 1) / a; /* in parts: no overflow */
}

ms_resample_window ms_resample_reach(size_t first, size_t count, int from, int to)
{
  if (from == to) return (ms_resample_window){ first, count, 0 };
  const ratio r = in_lowest_terms(from, to);
  int low = from < to ? from : to;
  size_t before = (size_t)REACH * (size_t)to / (size_t)low + 1;
  size_t after = (size_t)REACH * (size_t)from / (size_t)low + 1;
  size_t block = first > before ? (first - before) / r.to : 0; /* r.to outputs to r.from inputs */
  size_t skip = first - block * r.to;
  size_t frames = ms_resample_length(skip + count, to, from) + after;
  return (ms_resample_window){ block * r.from, frames, skip };
}

struct ms_resampler {
  soxr_t soxr;
  size_t channels, skip;
  ms_frames_source *more;
  void *arg;
  int ended;         /* the source has ended; zeros follow without end */
  real *piece;       /* (PIECE, channels) */
  size_t at, filled; /* frames of the piece that were taken, that are there */
};

static void fill(ms_resampler *r)
{
  size_t got = r->ended ? 0 : r->more(r->arg, r->piece, PIECE);
  if (got < PIECE) {
    size_t width = r->channels;
    r->ended = 1;
    memset(r->piece + got * width, 0, (PIECE - got) * width * sizeof *r->piece);
  }
  r->at = 0;
  r->filled = PIECE;
}

/* Makes `count` frames of output; 0 or -1 and a message. */
static int make(ms_resampler *r, real *out, size_t count)
{
  size_t made = 0;
  while (made < count) {
    size_t used = 0, n = 0, wanted = count - made;
    if (ms_stop_taken()) return ms_fail("resample: interrupted");
    if (r->at == r->filled) fill(r);
    soxr_error_t error = soxr_process(r->soxr, r->piece + r->at * r->channels,
                                      r->filled - r->at, &used,
                                      out + made * r->channels, wanted < MOST ? wanted : MOST, &n);
    if (error) return ms_fail("resample: %s", error);
    r->at += used;
    made += n;
    if (!used && !n) return ms_fail("resample: libsoxr stopped after %zu frames", made);
  }
  return 0;
}

static int skip_frames(ms_resampler *r)
{
  real *bin = ms_alloc(PIECE * r->channels * sizeof *bin);
  int status = bin ? 0 : -1;
  for (size_t n; status == 0 && r->skip > 0; r->skip -= n) {
    n = r->skip < PIECE ? r->skip : PIECE;
    status = make(r, bin, n);
  }
  ms_free(bin);
  return status;
}

int ms_resampler_read(ms_resampler *r, real *out, size_t count)
{
  if (r->skip && skip_frames(r) != 0) return -1;
  return make(r, out, count);
}

void ms_resampler_free(ms_resampler *r)
{
  if (!r) return;
  if (r->soxr) soxr_delete(r->soxr);
  ms_free(r->piece);
  free(r);
}

/* libsoxr takes at most 0.9 MB a channel, measured for rates from 1 Hz to 2^31 Hz, and does not
   look whether it gets it. */
enum { SOXR_TAKES = 1 << 20 };

static soxr_t new_soxr(int channels, int from, int to)
{
  if (ms_memory_room((size_t)(channels + 1) * SOXR_TAKES) != 0)
    return ms_fail_within("resample"), NULL;
  soxr_error_t error = NULL;
  soxr_io_spec_t io = soxr_io_spec(TYPE, TYPE);
  soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  soxr_runtime_spec_t runtime = soxr_runtime_spec(1); /* threads are ours to share out */
  soxr_t soxr = soxr_create(from, to, (unsigned)channels, &error, &io, &quality,
                            &runtime);
  if (!soxr)
    ms_fail("resample: %d Hz to %d Hz: %s", from, to, error ? error : "refused");
  return soxr;
}

ms_resampler *ms_resampler_new(int channels, int from, int to, size_t skip,
                               ms_frames_source *more, void *arg)
{
  ms_resampler *r = calloc(1, sizeof *r);
  if (!r) return ms_fail("resample: no memory"), NULL;
  *r = (ms_resampler){ .channels = (size_t)channels, .skip = skip, .more = more, .arg = arg };
  r->soxr = new_soxr(channels, from, to);
  if (r->soxr) r->piece = ms_alloc(PIECE * r->channels * sizeof *r->piece);
  if (r->piece) return r;
  ms_resampler_free(r);
  return NULL;
}

/* ---- a whole wave ---- */

typedef struct wave {
  const real *in;
  size_t left, channels;
} wave;

static size_t next_frames(void *arg, real *out, size_t count)
{
  wave *w = arg;
  size_t n = w->left < count ? w->left : count;
  memcpy(out, w->in, n * w->channels * sizeof *out);
  w->in += n * w->channels;
  w->left -= n;
  return n;
}

int ms_resample(const real *in, size_t frames, int channels, int from, int to, real *out)
{
  wave w = { .in = in, .left = frames, .channels = (size_t)channels };
  if (from == to) {
    memcpy(out, in, frames * w.channels * sizeof *out);
    return 0;
  }
  ms_resampler *r = ms_resampler_new(channels, from, to, 0, next_frames, &w);
  if (!r) return -1;
  int status = ms_resampler_read(r, out, ms_resample_length(frames, from, to));
  ms_resampler_free(r);
  return status;
}
