/* Rectifiers with a slope of their own for each channel. The slopes' gradients are gathered in
   `real` over a chunk's rows, then in double, chunk by chunk in order. */
#include "prelus.h"

#include "../base/memory.h"
#include "../base/thread_pool.h"
#include "simd/isa.h"

enum { CHUNK_NUMBERS = 1 << 14 };

typedef struct job {
  const real *x, *gy, *slope;
  real *y, *partial; /* partial: chunks x n */
  size_t rows, n, step; /* step: rows of a chunk */
} job;

static size_t chunks_of(job *j)
{
  j->step = CHUNK_NUMBERS / j->n + 1;
  return (j->rows + j->step - 1) / j->step;
}

static size_t end_of(const job *j, size_t chunk)
{
  return (chunk + 1) * j->step < j->rows ? (chunk + 1) * j->step : j->rows;
}

static void forward_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  const real *restrict slope = j->slope;
  for (size_t r = chunk * j->step; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * j->n;
    real *restrict y = j->y + r * j->n;
    for (size_t i = 0; i < j->n; i++) {
      const real low = slope[i] * x[i];
      y[i] = x[i] > 0 ? x[i] : low;
    }
  }
}

static void forward(const real *x, size_t rows, size_t n, const real *slope, real *y)
{
  job j = { .x = x, .slope = slope, .y = y, .rows = rows, .n = n };
  if (n) ms_parallel(chunks_of(&j), forward_chunk, &j);
}

static void back_row(const real *restrict x, const real *restrict gy, const real *restrict slope,
                     size_t n, real *restrict gx)
{
  for (size_t i = 0; i < n; i++) {
    const real low = slope[i] * gy[i];
    gx[i] = x[i] > 0 ? gy[i] : low;
  }
}

static void back_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t n = j->n;
  real *restrict sum = j->partial + chunk * n;
  for (size_t i = 0; i < n; i++) sum[i] = 0;
  for (size_t r = chunk * j->step; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * n, *restrict gy = j->gy + r * n;
    for (size_t i = 0; i < n; i++) {
      const real low = gy[i] * x[i];
      sum[i] += x[i] > 0 ? 0 : low;
    }
    if (j->y) back_row(x, gy, j->slope, n, j->y + r * n);
  }
}

static int back(const real *x, const real *gy, size_t rows, size_t n, const real *slope, real *gx,
                real *gslope)
{
  job j = { .x = x, .gy = gy, .slope = slope, .y = gx, .rows = rows, .n = n };
  if (!n) return 0;
  const size_t chunks = chunks_of(&j);
  if (!(j.partial = ms_alloc(chunks * n * sizeof(real) + 1))) return -1;
  ms_parallel(chunks, back_chunk, &j);
  for (size_t i = 0; i < n; i++) {
    double s = 0;
    for (size_t c = 0; c < chunks; c++) s += (double)j.partial[c * n + i];
    gslope[i] = (real)s;
  }
  ms_free(j.partial);
  return 0;
}

const ms_prelus_kernels MS_K(prelus) = { .forward = forward, .back = back };
