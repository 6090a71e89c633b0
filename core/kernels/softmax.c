/* Softmax over rows of numbers. */
#include "softmax.h"

#include "../base/thread_pool.h"
#include "simd/row_reduce.h"

enum { PIECE = 1 << 14 };

typedef struct job {
  const real *y, *g;
  real *out;
  size_t rows, n, step; /* rows to a chunk */
} job;

static void cut(job *j, void (*work)(void *, size_t))
{
  if (!j->n) return;
  j->step = PIECE / j->n + 1;
  ms_parallel((j->rows + j->step - 1) / j->step, work, j);
}

static size_t end_of(const job *j, size_t chunk)
{
  size_t end = (chunk + 1) * j->step;
  return end < j->rows ? end : j->rows;
}

static void forward_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t r = chunk * j->step; r < end_of(j, chunk); r++) {
    real *y = j->out + r * j->n;
    ms_row_exp(j->g + r * j->n, y, j->n, ms_row_max(j->g + r * j->n, j->n), 1);
    real scale = 1 / ms_row_sum(y, j->n);
    for (size_t i = 0; i < j->n; i++) y[i] *= scale;
  }
}

static void forward(const real *x, real *y, size_t rows, size_t n)
{
  cut(&(job){ .g = x, .out = y, .rows = rows, .n = n }, forward_chunk);
}

static void back_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t r = chunk * j->step; r < end_of(j, chunk); r++) {
    const real *restrict y = j->y + r * j->n, *restrict g = j->g + r * j->n;
    real *restrict gx = j->out + r * j->n, along = ms_row_dot(y, g, j->n);
    for (size_t i = 0; i < j->n; i++) gx[i] = y[i] * (g[i] - along);
  }
}

static void back(const real *y, const real *gy, real *gx, size_t rows, size_t n)
{
  cut(&(job){ .y = y, .g = gy, .out = gx, .rows = rows, .n = n }, back_chunk);
}

const ms_softmax_kernels MS_K(softmax) = { .forward = forward, .back = back };
