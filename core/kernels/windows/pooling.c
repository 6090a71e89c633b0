/* Pooling over non-overlapping windows of images; one chunk is one row of windows. */
#include "pooling.h"

#include <string.h>

#include "../../base/thread_pool.h"
#include "../simd/pool_window.h"

typedef struct job {
  const ms_pool_shape *s;
  const real *from;
  real *to;
  unsigned char *place;
  size_t offset[MS_MOST_PLACES];
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

typedef unsigned char bytes __attribute__((vector_size(MS_LANES), may_alias, aligned(1)));

/* One window of some channels. */
MS_INLINE void max_window(const job *j, const real *x, size_t count, real *y, unsigned char *to)
{
  vec most = take(x, count);
  lanes at = { 0 };
  for (size_t k = 1; k < j->s->ph * j->s->pw; k++) {
    const vec here = take(x + j->offset[k], count);
    const lanes new = takes(here, most);
    most = choose(new, here, most);
    at = choose_places(new, (place)k, at);
  }
  put(y, most, count);
  if (!to) return;
  if (count == MS_LANES) *(bytes *)to = __builtin_convertvector(at, bytes);
  else
    for (size_t i = 0; i < count; i++) to[i] = (unsigned char)at[i];
}

static void max_row(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels, whole = c / MS_LANES * MS_LANES;
  const real *x = j->from + large_at(s, chunk);
  size_t at = small_at(s, chunk);
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * c, at += c) {
    unsigned char *to = j->place ? j->place + at : NULL;
    for (size_t i = 0; i < whole; i += MS_LANES)
      max_window(j, x + i, MS_LANES, j->to + at + i, to ? to + i : NULL);
    if (whole < c) max_window(j, x + whole, c - whole, j->to + at + whole, to ? to + whole : NULL);
  }
}

enum { BLOCK = 64 };

static void max_window_back(const ms_pool_shape *s, const real *restrict gy,
                            const unsigned char *restrict from, size_t count, real *gx)
{
  place at[BLOCK]; /* as wide as the numbers, so that the loops run over whole registers */
  for (size_t i = 0; i < count; i++) at[i] = from[i];
  for (size_t k = 0; k < s->ph * s->pw; k++) {
    real *restrict to = gx + (k / s->pw * s->w + k % s->pw) * s->channels;
    for (size_t i = 0; i < count; i++) to[i] = at[i] == (place)k ? gy[i] : 0;
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
      max_window_back(s, j->from + at + i, j->place + at + i, c - i < BLOCK ? c - i : BLOCK,
                      gx + i);
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
                real *to, unsigned char *places)
{
  job j = { .s = s, .from = from, .to = to, .place = places };
  window_offsets(s->ph, s->pw, s->w, s->channels, j.offset);
  ms_parallel_of(s->n * s->h * s->w * s->channels, s->n * (s->h / s->ph), row, &j);
}

/* Numbers that no window holds have no gradient. */
static void clear_edges(const ms_pool_shape *s, real *gx)
{
  if (s->h % s->ph || s->w % s->pw) memset(gx, 0, s->n * s->h * s->w * s->channels * sizeof *gx);
}

static void max_forward(const ms_pool_shape *s, const real *x, real *y, unsigned char *places)
{
  run(max_row, s, x, y, places);
}

static void max_back(const ms_pool_shape *s, const real *gy, const unsigned char *places, real *gx)
{
  clear_edges(s, gx);
  run(max_row_back, s, gy, gx, (unsigned char *)places);
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

const ms_pooling_kernels MS_K(pooling) = {
  .max_forward = max_forward, .max_back = max_back, .mean_forward = mean_forward,
  .mean_back = mean_back,
};
