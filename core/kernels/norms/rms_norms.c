/* Root mean square norm: every row of a matrix by itself. The gradient of gamma is gathered as
   layer norm's: in `real` over the RUN rows of a chunk, then in double, chunk by chunk in order. */
#include "rms_norms.h"

#include <math.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/row_reduce.h"

enum { RUN = 32 };

typedef struct job {
  const real *x, *gy, *gamma;
  real *inverse, *y, *partial; /* partial: chunks x n */
  real epsilon;
  size_t rows, n;
} job;

static size_t chunks_of(const job *j)
{
  return (j->rows + RUN - 1) / RUN;
}

static size_t end_of(const job *j, size_t chunk)
{
  return (chunk + 1) * RUN < j->rows ? (chunk + 1) * RUN : j->rows;
}

static void forward_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t r = chunk * RUN; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * j->n, *restrict gamma = j->gamma;
    real *restrict y = j->y + r * j->n;
    const double square = (double)ms_row_dot(x, x, j->n) / (double)j->n;
    const real inverse = (real)(1 / sqrt(square + (double)j->epsilon));
    for (size_t i = 0; gamma && i < j->n; i++) y[i] = gamma[i] * (x[i] * inverse);
    for (size_t i = 0; !gamma && i < j->n; i++) y[i] = x[i] * inverse;
    j->inverse[r] = inverse;
  }
}

static void forward(const real *x, size_t rows, size_t n, const real *gamma, real epsilon,
                    real *inverse, real *y)
{
  job j = { .x = x, .gamma = gamma, .inverse = inverse, .y = y, .epsilon = epsilon, .rows = rows,
            .n = n };
  ms_parallel(chunks_of(&j), forward_chunk, &j);
}

/* With g = gamma gy: gx = inverse (g - x inverse^2 (mean of g x)). */
static void back_row(const job *j, const real *restrict x, const real *restrict gy, real inverse,
                     real *restrict gx)
{
  const size_t n = j->n;
  const real *restrict gamma = j->gamma;
  real s;
  if (!gamma) {
    s = ms_row_dot(gy, x, n) * inverse * inverse / (real)n;
    for (size_t i = 0; i < n; i++) gx[i] = inverse * (gy[i] - x[i] * s);
    return;
  }
  MS_ROW_SUM(s, MS_AT(gamma) * MS_AT(gy) * MS_AT(x), gamma[i] * gy[i] * x[i]);
  s *= inverse * inverse / (real)n;
  for (size_t i = 0; i < n; i++) gx[i] = inverse * (gamma[i] * gy[i] - x[i] * s);
}

static void back_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t n = j->n;
  real *restrict ggamma = j->partial ? j->partial + chunk * n : NULL;
  for (size_t i = 0; ggamma && i < n; i++) ggamma[i] = 0;
  for (size_t r = chunk * RUN; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * n, *restrict gy = j->gy + r * n;
    const real inverse = j->inverse[r];
    for (size_t i = 0; ggamma && i < n; i++) ggamma[i] += gy[i] * (x[i] * inverse);
    if (j->y) back_row(j, x, gy, inverse, j->y + r * n);
  }
}

static void total(const job *j, real *sum)
{
  for (size_t i = 0; i < j->n; i++) {
    double s = 0;
    for (size_t c = 0; c < chunks_of(j); c++) s += (double)j->partial[c * j->n + i];
    sum[i] = (real)s;
  }
}

static int back(const real *x, const real *gy, size_t rows, size_t n, const real *gamma,
                const real *inverse, real *gx, real *ggamma)
{
  job j = { .x = x, .gy = gy, .gamma = gamma, .inverse = (real *)inverse, .y = gx, .rows = rows,
            .n = n };
  if (ggamma && !(j.partial = ms_alloc(chunks_of(&j) * n * sizeof(real) + 1))) return -1;
  ms_parallel(chunks_of(&j), back_chunk, &j);
  if (ggamma) total(&j, ggamma);
  ms_free(j.partial);
  return 0;
}

const ms_rms_norms_kernels MS_K(rms_norms) = { .forward = forward, .back = back };
