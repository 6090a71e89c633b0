/* Sums of products of a signal and taps that slide along it: outputs side by side in registers. */
#include "fir.h"

#include "../simd/isa.h"

enum { WIDE = 8 }; /* registers of outputs */

/* `count` registers of outputs. */
MS_INLINE void tile(const real *x, const real *h, size_t nh, real *y, const int count)
{
  vec sum[WIDE] = { 0 };
  for (size_t j = 0; j < nh; j++) {
    const real tap = h[j];
    MS_UNROLL
    for (int v = 0; v < count; v++) sum[v] += *(const vec_u *)(x + j + v * MS_LANES) * tap;
  }
  MS_UNROLL
  for (int v = 0; v < count; v++) *(vec_u *)(y + v * MS_LANES) = sum[v];
}

static real dot(const real *a, const real *b, size_t n)
{
  vec sum[4] = { 0 };
  real rest = 0;
  size_t i = 0;
  for (; i + 4 * MS_LANES <= n; i += 4 * MS_LANES)
    MS_UNROLL
    for (int v = 0; v < 4; v++)
      sum[v] += *(const vec_u *)(a + i + v * MS_LANES) * *(const vec_u *)(b + i + v * MS_LANES);
  for (; i + MS_LANES <= n; i += MS_LANES)
    sum[0] += *(const vec_u *)(a + i) * *(const vec_u *)(b + i);
  for (; i < n; i++) rest += a[i] * b[i];
  const vec all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (int k = 0; k < MS_LANES; k++) rest += all[k];
  return rest;
}

static void slide(const real *x, const real *h, size_t nh, real *y, size_t ny)
{
  size_t t = 0;
  for (; t + WIDE * MS_LANES <= ny; t += WIDE * MS_LANES) tile(x + t, h, nh, y + t, WIDE);
  for (; t + MS_LANES <= ny; t += MS_LANES) tile(x + t, h, nh, y + t, 1);
  for (; t < ny; t++) y[t] = dot(x + t, h, nh);
}

const ms_fir_kernels MS_K(fir) = { .slide = slide, .dot = dot };
