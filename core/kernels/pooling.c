/* Pooling over non-overlapping windows of images; one chunk is one row of windows. */
#include "pooling.h"

#include <string.h>

#include "../base/pool.h"
#include "isa.h"

typedef struct job {
  const ms_pool_shape *s;
  const real *from;
  real *to;
  unsigned char *place;
} job;

/* The first window of a chunk's row: offsets into the large and the small image. */
static size_t large_at(const ms_pool_shape *s, size_t chunk)
{
  size_t rows = s->h / s->ph, image = chunk / rows, row = chunk % rows;
  return (image * s->h + row * s->ph) * s->w * s->channels;
}

static size_t small_at(const ms_pool_shape *s, size_t chunk)
{
  return chunk * (s->w / s->pw) * s->channels;
}

/* Places of a block of channels are integers as wide as the numbers while they are compared, so that
   the loops run over whole registers. */
enum { BLOCK = 64 };
#ifdef MS_DOUBLE
typedef long long wide_place;
#else
typedef int wide_place;
#endif

/* One window of some channels. */
static void max_window(const ms_pool_shape *s, const real *x, size_t count, real *restrict y,
                       unsigned char *restrict place)
{
  wide_place at[BLOCK] = { 0 };
  memcpy(y, x, count * sizeof *y);
  for (size_t k = 1; k < s->ph * s->pw; k++) {
    const real *restrict from = x + (k / s->pw * s->w + k % s->pw) * s->channels;
    for (size_t i = 0; i < count; i++) {
      /* not (from <= y): a NaN wins, so that it is not lost */
      const int larger = !(from[i] <= y[i]);
      at[i] = larger ? (wide_place)k : at[i];
      y[i] = larger ? from[i] : y[i];
    }
  }
  for (size_t i = 0; place && i < count; i++) place[i] = (unsigned char)at[i];
}

static void max_row(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels;
  const real *x = j->from + large_at(s, chunk);
  size_t at = small_at(s, chunk);
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * c, at += c)
    for (size_t i = 0; i < c; i += BLOCK)
      max_window(s, x + i, c - i < BLOCK ? c - i : BLOCK, j->to + at + i,
                 j->place ? j->place + at + i : NULL);
}

static void max_window_back(const ms_pool_shape *s, const real *restrict gy,
                            const unsigned char *restrict place, size_t count, real *gx)
{
  wide_place at[BLOCK];
  for (size_t i = 0; i < count; i++) at[i] = place[i];
  for (size_t k = 0; k < s->ph * s->pw; k++) {
    real *restrict to = gx + (k / s->pw * s->w + k % s->pw) * s->channels;
    for (size_t i = 0; i < count; i++) to[i] = at[i] == (wide_place)k ? gy[i] : 0;
  }
}

static void max_row_back(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels;
  real *gx = j->to + large_at(s, chunk);
  size_t at = small_at(s, chunk);
  for (size_t q = 0; q < s->w / s->pw; q++, gx += s->pw * c, at += c)
    for (size_t i = 0; i < c; i += BLOCK)
      max_window_back(s, j->from + at + i, j->place + at + i, c - i < BLOCK ? c - i : BLOCK, gx + i);
}

static void mean_row(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels, line = s->w * c;
  const real part = 1 / (real)(s->ph * s->pw), *x = j->from + large_at(s, chunk);
  real *y = j->to + small_at(s, chunk);
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * c, y += c) {
    memset(y, 0, c * sizeof *y);
    for (size_t k = 0; k < s->ph * s->pw; k++)
      for (size_t i = 0; i < c; i++) y[i] += x[k / s->pw * line + k % s->pw * c + i];
    for (size_t i = 0; i < c; i++) y[i] *= part;
  }
}

static void mean_row_back(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels, line = s->w * c;
  const real part = 1 / (real)(s->ph * s->pw), *gy = j->from + small_at(s, chunk);
  real *gx = j->to + large_at(s, chunk);
  for (size_t q = 0; q < s->w / s->pw; q++, gx += s->pw * c, gy += c)
    for (size_t k = 0; k < s->ph * s->pw; k++)
      for (size_t i = 0; i < c; i++) gx[k / s->pw * line + k % s->pw * c + i] = gy[i] * part;
}

static void run(void (*row)(void *, size_t), const ms_pool_shape *s, const real *from,
                real *to, unsigned char *place)
{
  job j = { s, from, to, place };
  ms_parallel(s->n * (s->h / s->ph), row, &j);
}

/* Numbers that no window holds have no gradient. */
static void clear_edges(const ms_pool_shape *s, real *gx)
{
  if (s->h % s->ph || s->w % s->pw) memset(gx, 0, s->n * s->h * s->w * s->channels * sizeof *gx);
}

static void max_forward(const ms_pool_shape *s, const real *x, real *y, unsigned char *place)
{
  run(max_row, s, x, y, place);
}

static void max_back(const ms_pool_shape *s, const real *gy, const unsigned char *place, real *gx)
{
  clear_edges(s, gx);
  run(max_row_back, s, gy, gx, (unsigned char *)place);
}

static void mean_forward(const ms_pool_shape *s, const real *x, real *y)
{
  run(mean_row, s, x, y, NULL);
}

static void mean_back(const ms_pool_shape *s, const real *gy, real *gx)
{
  clear_edges(s, gx);
  run(mean_row_back, s, gy, gx, NULL);
}

const ms_pooling_kernels MS_K(pooling) = { max_forward, max_back, mean_forward, mean_back };
