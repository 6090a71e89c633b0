/* Reflections of one panel of columns, which lies row by row. */
#include "reflectors.h"

#include <math.h>

#include "../simd/isa.h"

enum { WIDE = MS_REFLECTORS, REGISTERS = WIDE / MS_LANES };

/* The length of m numbers that are a row apart, of whatever size they are. */
static double length_of(const real *a, size_t m)
{
  double most = 0, sum = 0;
  for (size_t i = 0; i < m; i++) {
    const double v = fabs((double)a[i * WIDE]);
    most = v > most ? v : most;
  }
  if (most == 0) return 0;
  for (size_t i = 0; i < m; i++) {
    const double v = (double)a[i * WIDE] / most;
    sum += v * v;
  }
  return most * sqrt(sum);
}

/* Turns the column that begins at a into its reflector, whose factor is returned. */
static real reflector_of(real *a, size_t m)
{
  const double first = (double)*a, below = length_of(a + WIDE, m - 1);
  if (below == 0) return 0;
  const double length = -copysign(hypot(first, below), first);
  for (size_t i = 1; i < m; i++) a[i * WIDE] = (real)((double)a[i * WIDE] / (first - length));
  *a = (real)length;
  return (real)((length - first) / length);
}

/* sum = v^T a, of columns after the first `done`; v is the column before them. */
static void project(const real *a, size_t m, const real *v, size_t done, real sum[WIDE])
{
  vec s[REGISTERS];
  for (int k = 0; k < REGISTERS; k++) s[k] = ((const vec_u *)a)[k];
  for (size_t i = 1; i < m; i++) {
    const vec_u *row = (const vec_u *)(a + i * WIDE);
    MS_UNROLL
    for (int k = 0; k < REGISTERS; k++) s[k] += v[i * WIDE] * row[k];
  }
  for (int k = 0; k < REGISTERS; k++) ((vec_u *)sum)[k] = s[k];
  for (size_t k = 0; k < done; k++) sum[k] = 0;
}

static void take_off(real *a, size_t m, const real *v, const real sum[WIDE])
{
  vec s[REGISTERS];
  for (int k = 0; k < REGISTERS; k++) s[k] = ((const vec_u *)sum)[k];
  for (int k = 0; k < REGISTERS; k++) ((vec_u *)a)[k] -= s[k];
  for (size_t i = 1; i < m; i++) {
    vec_u *row = (vec_u *)(a + i * WIDE);
    const real factor = v[i * WIDE];
    MS_UNROLL
    for (int k = 0; k < REGISTERS; k++) row[k] -= factor * s[k];
  }
}

static void panel(size_t m, size_t n, real *a, real *tau)
{
  real sum[WIDE];
  for (size_t k = 0; k < n; k++) {
    real *row = a + k * WIDE;
    tau[k] = reflector_of(row + k, m - k);
    if (k + 1 == n || tau[k] == 0) continue;
    project(row, m - k, row + k, k + 1, sum);
    for (size_t c = 0; c < WIDE; c++) sum[c] *= tau[k];
    take_off(row, m - k, row + k, sum);
  }
}

/* Row by row from the last: t = [tau, -tau (v^T v_later) t_later; 0, t_later]. */
static void join(size_t n, real *g, const real *tau)
{
  for (size_t i = n; i-- > 0;) {
    real *row = g + i * WIDE;
    vec s[REGISTERS] = { 0 };
    for (size_t k = i + 1; k < n; k++)
      for (int r = 0; r < REGISTERS; r++)
        s[r] -= tau[i] * row[k] * ((const vec_u *)(g + k * WIDE))[r];
    for (int r = 0; r < REGISTERS; r++) ((vec_u *)row)[r] = s[r];
    row[i] = tau[i];
  }
}

const ms_reflectors_kernels MS_K(reflectors) = { .panel = panel, .join = join };
