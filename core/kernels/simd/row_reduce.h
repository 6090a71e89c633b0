/* Sums and maxima of one row of numbers, a register at a time, in a fixed order. */
#ifndef MS_ROW_REDUCE_H
#define MS_ROW_REDUCE_H

#include "vmath.h"
#include "isa.h"

/* The sum over i of term(i), whose vector form is given. Needs `n`. */
#define MS_ROW_SUM(total, vector_term, scalar_term)                                       \
  do {                                                                                    \
    vec sums_ = { 0 };                                                                    \
    size_t i = 0;                                                                         \
    for (; i + MS_LANES <= n; i += MS_LANES) sums_ += vector_term;                        \
    (total) = 0;                                                                          \
    for (int lane_ = 0; lane_ < MS_LANES; lane_++) (total) += sums_[lane_];               \
    for (; i < n; i++) (total) += scalar_term;                                            \
  } while (0)

#define MS_AT(x) (*(const vec_u *)((x) + i))

static inline real ms_row_sum(const real *x, size_t n)
{
  real total;
  MS_ROW_SUM(total, MS_AT(x), x[i]);
  return total;
}

static inline real ms_row_dot(const real *a, const real *b, size_t n)
{
  real total;
  MS_ROW_SUM(total, MS_AT(a) * MS_AT(b), a[i] * b[i]);
  return total;
}

static inline real ms_row_max(const real *x, size_t n)
{
  real lane[MS_LANES], most = x[0];
  for (int k = 0; k < MS_LANES; k++) lane[k] = x[0];
  size_t i = 0;
  for (; i + MS_LANES <= n; i += MS_LANES)
    for (int k = 0; k < MS_LANES; k++)
      lane[k] = x[i + (size_t)k] > lane[k] ? x[i + (size_t)k] : lane[k];
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  for (int half = MS_LANES / 2; half; half /= 2)
    for (int k = 0; k < half; k++) lane[k] = lane[k + half] > lane[k] ? lane[k + half] : lane[k];
  return lane[0] > most ? lane[0] : most;
}

/* y = exp(x - shift) scale; y may be x */
static inline void ms_row_exp(const real *x, real *y, size_t n, real shift, real scale)
{
  for (size_t i = 0; i < n; i++) y[i] = ms_vexp(x[i] - shift) * scale;
}

#endif
