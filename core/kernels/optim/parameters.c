/* Loops over parameters and their gradients beside optimizers: norms, clipping, averages. */
#include "parameters.h"

#include <math.h>

#include "../simd/chunk_sums.h"
#include "../simd/isa.h"

enum { PIECE = 1 << 14, LANES = 16 };

typedef struct job {
  real *x;
  const real *y;
  size_t n;
  real by;
  double power;
} job;

static size_t end_of(const job *j, size_t chunk)
{
  return (chunk + 1) * PIECE < j->n ? (chunk + 1) * PIECE : j->n;
}

static size_t chunks_of(size_t n) { return (n + PIECE - 1) / PIECE; }

static inline real magnitude(real x) { return x < 0 ? -x : x; }

/* ---- norms ----------------------------------------------------------------------------------- */
/* Over LANES sums, so that the loop becomes vectors. */
#define POWER(name, term)                                                                 \
  static double name(const void *arg, size_t chunk)                                       \
  {                                                                                       \
    const job *j = arg;                                                                   \
    const size_t end = end_of(j, chunk);                                                  \
    const real *x = j->y;                                                                 \
    double part[LANES] = { 0 }, sum = 0;                                                  \
    size_t i = chunk * PIECE;                                                             \
    for (; i + LANES <= end; i += LANES)                                                  \
      for (size_t k = 0; k < LANES; k++) {                                                \
        const double v = (double)magnitude(x[i + k]);                                     \
        part[k] += term;                                                                  \
      }                                                                                   \
    for (; i < end; i++) {                                                                \
      const double v = (double)magnitude(x[i]);                                           \
      sum += term;                                                                        \
    }                                                                                     \
    for (size_t k = 0; k < LANES; k++) sum += part[k];                                    \
    return sum;                                                                           \
  }

POWER(squares, v * v)
POWER(magnitudes, v)
POWER(powers, pow(v, j->power))

static double largest(const real *x, size_t n)
{
  real top = 0;
  for (size_t i = 0; i < n; i++) {
    const real v = magnitude(x[i]);
    if (!(v <= top) && top == top) top = v;
  }
  return (double)top;
}

static double power_sum(const real *x, size_t n, double power)
{
  const job j = { .y = x, .n = n, .power = power };
  if (isinf(power)) return largest(x, n);
  return ms_chunk_sum(chunks_of(n), power == 2 ? squares : power == 1 ? magnitudes : powers, &j);
}

/* ---- in place -------------------------------------------------------------------------------- */
static void scale_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const real by = j->by;
  real *x = j->x;
  for (size_t i = chunk * PIECE; i < end_of(j, chunk); i++) x[i] *= by;
}

static void scale(real *x, size_t n, real factor)
{
  job j = { .x = x, .n = n, .by = factor };
  ms_parallel(chunks_of(n), scale_piece, &j);
}

static void clamp_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const real most = j->by;
  real *x = j->x;
  for (size_t i = chunk * PIECE; i < end_of(j, chunk); i++)
    x[i] = x[i] > most ? most : x[i] < -most ? -most : x[i];
}

static void clamp(real *x, size_t n, real most)
{
  job j = { .x = x, .n = n, .by = most };
  ms_parallel(chunks_of(n), clamp_piece, &j);
}

static void average_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const real by = j->by;
  real *restrict a = j->x;
  const real *restrict p = j->y;
  for (size_t i = chunk * PIECE; i < end_of(j, chunk); i++) a[i] += by * (p[i] - a[i]);
}

static void average(real *a, const real *p, size_t n, real weight)
{
  job j = { .x = a, .y = p, .n = n, .by = weight };
  ms_parallel(chunks_of(n), average_piece, &j);
}

const ms_parameters_kernels MS_K(parameters) = {
  .power_sum = power_sum, .scale = scale, .clamp = clamp, .average = average,
};
