/* Singular values and vectors of a small matrix: its rows, or its columns where they are fewer, are
   turned until they are orthogonal. Their lengths are the values, their directions the vectors of
   one side, and the turns those of the other. */
#include "svd_small.h"

#include <math.h>
#include <string.h>

#include "../../base/memory.h"
#include "../../kernels/lapack/rotations.h"
#include "matrices.h"

static size_t padded(size_t n)
{
  return (n + MS_ROTATIONS_STEP - 1) / MS_ROTATIONS_STEP * MS_ROTATIONS_STEP;
}

/* A power of two that brings the largest number near 1. */
static real scale_of(const real *x, size_t count)
{
  double most = 0;
  int power = 0;
  for (size_t i = 0; i < count; i++) most = fabs((double)x[i]) > most ? fabs((double)x[i]) : most;
  frexp(most, &power);
  return (real)ldexp(1, -power);
}

/* The lines of x, as rows, and no turns yet. */
static void start(const ms_rotations *r, size_t m, size_t n, const real *x, real scale)
{
  memset(r->w, 0, r->rows * r->wide * sizeof *x);
  memset(r->turns, 0, r->rows * r->turned * sizeof *x);
  for (size_t i = 0; i < m; i++)
    for (size_t o = 0; o < n; o++)
      r->w[m <= n ? i * r->wide + o : o * r->wide + i] = scale * x[i * n + o];
  for (size_t i = 0; i < r->rows; i++) r->turns[i * r->turned + i] = 1;
}

/* The row that is longest, of those that are not taken; taken ones have a length below 0. */
static size_t longest(const ms_rotations *r)
{
  size_t most = 0;
  for (size_t i = 1; i < r->rows; i++) most = r->squares[i] > r->squares[most] ? i : most;
  return most;
}

static double product(const real *x, size_t step_x, const real *y, size_t step_y, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i * step_x] * (double)y[i * step_y];
  return sum;
}

/* Numbers that are `apart` from one another, of vectors that are `step` apart. */
typedef struct vectors {
  real *x;
  size_t step, apart, n;
} vectors;

static void stretch(const vectors *v, size_t k, double factor)
{
  for (size_t i = 0; i < v->n; i++) {
    real *x = v->x + k * v->step + i * v->apart;
    *x = (real)((double)*x * factor);
  }
}

/* Vector k without what it shares with those before it; its length squared. */
static double without_others(const vectors *v, size_t k)
{
  real *x = v->x + k * v->step;
  for (size_t o = 0; o < k; o++) {
    const real *y = v->x + o * v->step;
    const double shared = product(x, v->apart, y, v->apart, v->n);
    for (size_t i = 0; i < v->n; i++) x[i * v->apart] -= (real)(shared * (double)y[i * v->apart]);
  }
  return product(x, v->apart, x, v->apart, v->n);
}

/* Any vector of length 1 that is orthogonal to those before it, where its value is 0: an axis of
   which enough is left. */
static void fill_in(const vectors *v, size_t k)
{
  for (size_t axis = 0; axis < v->n; axis++) {
    for (size_t i = 0; i < v->n; i++) v->x[k * v->step + i * v->apart] = i == axis;
    if (without_others(v, k) * 2 * (double)v->n < 1) continue;
    stretch(v, k, 1 / sqrt(without_others(v, k)));
    return;
  }
}

/* Longest first: values, directions and turns. */
static void give(const ms_rotations *r, const vectors *lines, const vectors *turns, double scale,
                 real *s)
{
  for (size_t k = 0; k < r->rows; k++) {
    const size_t from = longest(r);
    const double length = sqrt(r->squares[from]);
    r->squares[from] = -1;
    s[k] = (real)(length / scale);
    for (size_t i = 0; i < turns->n; i++)
      turns->x[k * turns->step + i * turns->apart] = r->turns[from * r->turned + i];
    for (size_t i = 0; i < lines->n; i++)
      lines->x[k * lines->step + i * lines->apart] = r->w[from * r->wide + i];
    if (length > 0) stretch(lines, k, 1 / length);
    else fill_in(lines, k);
  }
}

int ms_svd_small(size_t m, size_t n, const real *x, real *u, real *s, real *vt)
{
  const size_t k = m < n ? m : n, most = m < n ? n : m;
  ms_rotations r = { .rows = k, .wide = padded(most), .turned = padded(k) };
  r.w = ms_matrix_room(k * (r.wide + r.turned));
  r.squares = r.w ? ms_alloc(k * sizeof *r.squares) : NULL;
  r.turns = r.w + k * r.wide;
  int status = r.squares ? 0 : -1;
  if (status == 0) {
    const vectors of_u = { u, 1, k, m }, of_v = { vt, n, 1, n };
    const real scale = scale_of(x, m * n);
    start(&r, m, n, x, scale);
    status = ms_k_rotations()->orthogonal(&r);
    if (status == 0)
      give(&r, m <= n ? &of_v : &of_u, m <= n ? &of_u : &of_v, (double)scale, s);
  }
  ms_free(r.squares);
  ms_free(r.w);
  return status;
}
