/* Convolutions of stride 1 with few output channels, where whole vectors of them would be
   mostly empty: every pixel of a row is multiplied with the weights of all taps at once, into
   a ring of kh such rows; then each sum gathers its taps. */
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"
#include "conv_forward.h"

enum {
  WEIGHT_SLOT = 0,
  RING_SLOT = 1,
  BAND_ROWS = 32
};

typedef struct job {
  const ms_conv_task *t;
  const real *packed, *zeros;
  size_t bands;
  atomic_int failed;
} job;

/* Numbers to a pixel of the ring. */
static size_t ring_step(const ms_conv_task *t)
{
  return ms_conv_vectors(t->s.kh * t->s.kw * t->count) * MS_LANES;
}

/* Row i of x with the weights of all taps. */
static void multiply_row(const job *j, const real *x, real *to)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t step = ring_step(j->t), vectors = step / MS_LANES;
  ms_conv_product p = { .a = x, .step = s->cin, .parts = 1, .run = s->cin,
                        .bias = j->zeros, .y_step = step };
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    p.b = j->packed + v * MS_LANES * s->cin;
    p.y = to + v * MS_LANES;
    p.columns = wide * MS_LANES;
    MS_K(conv_product)(&p, s->w, wide);
  }
}

/* Adds one tap to the sums of a row: few is a constant after inlining, or 0. */
static inline __attribute__((always_inline)) void add_tap(const real *restrict from,
                                                          size_t step, size_t pixels,
                                                          size_t count, real *restrict to,
                                                          size_t y_step)
{
  for (size_t p = 0; p < pixels; p++)
    for (size_t o = 0; o < count; o++) to[p * y_step + o] += from[p * step + o];
}

static void add_taps(const real *from, size_t step, size_t pixels, size_t count, real *to,
                     size_t y_step)
{
  if (count == 1)
    add_tap(from, step, pixels, 1, to, y_step);
  else if (count == 4)
    add_tap(from, step, pixels, 4, to, y_step);
  else
    add_tap(from, step, pixels, count, to, y_step);
}

/* Row i of y from the ring. */
static void gather_row(const job *j, const real *ring, size_t i, real *y)
{
  const ms_conv_task *t = j->t;
  const ms_conv_shape *s = &t->s;
  const size_t step = ring_step(t);
  for (size_t p = 0; p < s->ow; p++)
    for (size_t o = 0; o < t->count; o++)
      y[p * s->cout + o] = t->bias ? t->bias[t->first + o] : 0;
  for (size_t a = 0; a < s->kh; a++) {
    if (i + a < s->ph || i + a - s->ph >= s->h) continue;
    const real *row = ring + (i + a - s->ph) % s->kh * s->w * step;
    for (size_t b = 0; b < s->kw; b++) {
      /* y column q reads x column q + b - pw */
      const size_t q = b < s->pw ? s->pw - b : 0, end = s->w + s->pw - b;
      const size_t stop = end < s->ow ? end : s->ow;
      if (q >= stop || s->w + s->pw < b) continue;
      add_taps(row + (q + b - s->pw) * step + (a * s->kw + b) * t->count, step, stop - q,
               t->count, y + q * s->cout, s->cout);
    }
  }
}

static void band(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_task *t = j->t;
  const ms_conv_shape *s = &t->s;
  const size_t image = chunk / j->bands, first = chunk % j->bands * BAND_ROWS;
  const size_t end = first + BAND_ROWS < s->oh ? first + BAND_ROWS : s->oh;
  const real *x = t->x + image * s->h * s->w * s->cin;
  const size_t line = s->w * ring_step(t);
  real *ring = ms_scratch(RING_SLOT, s->kh * line * sizeof *ring);
  if (!ring) {
    atomic_store(&j->failed, 1);
    return;
  }
  size_t ready = first > s->ph ? first - s->ph : 0; /* rows of x below this are in the ring */
  for (size_t i = first; i < end; i++) {
    for (; ready < s->h && ready < i + s->kh - s->ph; ready++)
      multiply_row(j, x + ready * s->w * s->cin, ring + ready % s->kh * line);
    gather_row(j, ring, i, t->y + (image * s->oh + i) * s->ow * s->cout + t->first);
  }
}

int MS_K(conv_gather)(const ms_conv_task *t)
{
  const size_t packed = ms_conv_packed(&t->m);
  real *weights = ms_scratch(WEIGHT_SLOT, (3 * MS_LANES + packed) * sizeof *weights);
  if (!weights) return -1;
  memset(weights, 0, 3 * MS_LANES * sizeof *weights);
  MS_K(conv_pack_matrix)(&t->m, weights + 3 * MS_LANES);
  job j = { .t = t, .packed = weights + 3 * MS_LANES, .zeros = weights,
            .bands = (t->s.oh + BAND_ROWS - 1) / BAND_ROWS };
  ms_parallel(t->s.n * j.bands, band, &j);
  return atomic_load(&j.failed) ? ms_fail("conv2d: no memory for a band of rows") : 0;
}
