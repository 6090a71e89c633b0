/* Changing the sampling rate: the only door to libsoxr. */
#include "resample.h"

#include <soxr.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"

#ifdef MS_DOUBLE
#define TYPE SOXR_FLOAT64_I
#else
#define TYPE SOXR_FLOAT32_I
#endif

/* REACH: samples of the lower rate that the filter sees on each side. Half of it measures
   as exact as all of it. */
enum { REACH = 256, PIECE = 4096 };

static size_t common_divisor(size_t a, size_t b)
{
  return b ? common_divisor(b, a % b) : a;
}

size_t ms_resample_length(size_t count, int from, int to)
{
  size_t g = common_divisor((size_t)from, (size_t)to), a = (size_t)from / g,
         b = (size_t)to / g;
  return count / a * b + (count % a * b + a - 1) / a; /* in parts: no overflow */
}

ms_resample_window ms_resample_reach(size_t first, size_t count, int from, int to)
{
  if (from == to) return (ms_resample_window){ first, count, 0 };
  size_t g = common_divisor((size_t)from, (size_t)to), a = (size_t)from / g,
         b = (size_t)to / g;
  int low = from < to ? from : to;
  size_t before = (size_t)REACH * (size_t)to / (size_t)low + 1;
  size_t after = (size_t)REACH * (size_t)from / (size_t)low + 1;
  size_t block = first > before ? (first - before) / b : 0; /* b outputs to a inputs */
  size_t skip = first - block * b;
  size_t frames = ms_resample_length(skip + count, to, from) + after;
  return (ms_resample_window){ block * a, frames, skip };
}

/* The input and then zeros without end. */
typedef struct source {
  const real *in;
  size_t left, channels;
  real *zeros; /* (PIECE, channels) */
} source;

/* Makes `count` frames of output; 0 or -1 and a sentence. */
static int make(soxr_t soxr, source *s, real *out, size_t count)
{
  size_t made = 0;
  while (made < count) {
    const real *in = s->left ? s->in : s->zeros;
    size_t offered = s->left ? s->left : PIECE, used = 0, n = 0;
    soxr_error_t error = soxr_process(soxr, in, offered, &used, out + made * s->channels,
                                      count - made, &n);
    if (error) return ms_fail("resample: %s", error);
    if (s->left) {
      s->in += used * s->channels;
      s->left -= used;
    }
    made += n;
    if (!used && !n) return ms_fail("resample: libsoxr stopped after %zu frames", made);
  }
  return 0;
}

static int skip_frames(soxr_t soxr, source *s, real *bin, size_t count)
{
  for (size_t n; count > 0; count -= n) {
    n = count < PIECE ? count : PIECE;
    if (make(soxr, s, bin, n) != 0) return -1;
  }
  return 0;
}

static int run(soxr_t soxr, source *s, size_t skip, real *out, size_t count)
{
  size_t piece = PIECE * s->channels;
  real *blocks = ms_alloc(2 * piece * sizeof *blocks);
  if (!blocks) return -1;
  s->zeros = blocks;
  memset(blocks, 0, piece * sizeof *blocks);
  int status = skip_frames(soxr, s, blocks + piece, skip);
  if (status == 0) status = make(soxr, s, out, count);
  ms_free(blocks);
  return status;
}

int ms_resample(const real *in, size_t frames, int channels, int from, int to,
                size_t skip, real *out, size_t count)
{
  size_t width = (size_t)channels;
  if (from == to) {
    size_t there = frames > skip ? frames - skip : 0, n = there < count ? there : count;
    memcpy(out, in + (n ? skip * width : 0), n * width * sizeof *out);
    memset(out + n * width, 0, (count - n) * width * sizeof *out);
    return 0;
  }
  soxr_error_t error = NULL;
  soxr_io_spec_t io = soxr_io_spec(TYPE, TYPE);
  soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  soxr_runtime_spec_t runtime = soxr_runtime_spec(1); /* threads are ours to share out */
  soxr_t soxr = soxr_create(from, to, (unsigned)channels, &error, &io, &quality,
                            &runtime);
  if (!soxr)
    return ms_fail("resample: %d Hz to %d Hz: %s", from, to, error ? error : "refused");
  source s = { .in = in, .left = frames, .channels = width };
  int status = run(soxr, &s, skip, out, count);
  soxr_delete(soxr);
  return status;
}
