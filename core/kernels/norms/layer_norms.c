/* Layer norm: every row of a matrix by itself. The gradients of gamma and beta are gathered in
   `real` over the RUN rows of a chunk, then in double, chunk by chunk in order. */
#include "layer_norms.h"

#include <math.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/row_reduce.h"

enum { RUN = 32 };

typedef struct job {
  const real *x, *gy, *gamma, *beta;
  real *mean, *inverse, *y, *partial; /* partial: chunks x 2 x n */
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

static real variance_of(const real *x, size_t n, real mean)
{
  real total;
  vec m = mean - (vec){ 0 };
  MS_ROW_SUM(total, (MS_AT(x) - m) * (MS_AT(x) - m), (x[i] - mean) * (x[i] - mean));
  return total / (real)n;
}

static void forward_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t r = chunk * RUN; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * j->n, *restrict gamma = j->gamma, *restrict beta = j->beta;
    real *restrict y = j->y + r * j->n, mean = ms_row_sum(x, j->n) / (real)j->n;
    real inverse = (real)(1 / sqrt((double)variance_of(x, j->n, mean) + (double)j->epsilon));
    for (size_t i = 0; i < j->n; i++) y[i] = gamma[i] * ((x[i] - mean) * inverse) + beta[i];
    j->mean[r] = mean;
    j->inverse[r] = inverse;
  }
}

static void forward(const real *x, size_t rows, size_t n, const real *gamma, const real *beta,
                    real epsilon, real *mean, real *inverse, real *y)
{
  job j = { .x = x, .gamma = gamma, .beta = beta, .mean = mean, .inverse = inverse, .y = y,
            .epsilon = epsilon, .rows = rows, .n = n };
  ms_parallel(chunks_of(&j), forward_chunk, &j);
}

/* With h = (x - mean) inverse and g = gamma gy: gx = inverse (g - mean of g - h mean of g h). */
static void back_row(const job *j, const real *restrict x, const real *restrict gy, real mean,
                     real inverse, real *restrict gx)
{
  const size_t n = j->n;
  const real *restrict gamma = j->gamma;
  const vec m = mean - (vec){ 0 };
  real s0, s1;
  MS_ROW_SUM(s0, MS_AT(gamma) * MS_AT(gy), gamma[i] * gy[i]);
  MS_ROW_SUM(s1, MS_AT(gamma) * MS_AT(gy) * (MS_AT(x) - m), gamma[i] * gy[i] * (x[i] - mean));
  s0 /= (real)n;
  s1 *= inverse * inverse / (real)n;
  for (size_t i = 0; i < n; i++) gx[i] = inverse * (gamma[i] * gy[i] - s0 - (x[i] - mean) * s1);
}

static void back_chunk(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t n = j->n;
  real *restrict ggamma = j->partial + chunk * 2 * n, *restrict gbeta = ggamma + n;
  for (size_t i = 0; i < n; i++) ggamma[i] = gbeta[i] = 0;
  for (size_t r = chunk * RUN; r < end_of(j, chunk); r++) {
    const real *restrict x = j->x + r * n, *restrict gy = j->gy + r * n;
    const real mean = j->mean[r], inverse = j->inverse[r];
    for (size_t i = 0; i < n; i++) {
      ggamma[i] += gy[i] * ((x[i] - mean) * inverse);
      gbeta[i] += gy[i];
    }
    if (j->y) back_row(j, x, gy, mean, inverse, j->y + r * n);
  }
}

static void total(const job *j, size_t offset, real *sum)
{
  for (size_t i = 0; i < j->n; i++) {
    double s = 0;
    for (size_t c = 0; c < chunks_of(j); c++) s += (double)j->partial[(2 * c + offset) * j->n + i];
    sum[i] = (real)s;
  }
}

static int back(const real *x, const real *gy, size_t rows, size_t n, const real *gamma,
                const real *mean, const real *inverse, real *gx, real *ggamma, real *gbeta)
{
  job j = { .x = x, .gy = gy, .gamma = gamma, .mean = (real *)mean, .inverse = (real *)inverse,
            .y = gx, .rows = rows, .n = n };
  j.partial = ms_alloc(chunks_of(&j) * 2 * n * sizeof(real));
  if (!j.partial) return -1;
  ms_parallel(chunks_of(&j), back_chunk, &j);
  total(&j, 0, ggamma);
  total(&j, 1, gbeta);
  ms_free(j.partial);
  return 0;
}

const ms_layer_norms_kernels MS_K(layer_norms) = { .forward = forward, .back = back };
