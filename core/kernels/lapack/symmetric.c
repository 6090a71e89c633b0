/* Eigenvalues and eigenvectors of small symmetric matrices: reflections make the matrix
   tridiagonal, then implicit QL steps make it diagonal (Wilkinson and Reinsch's tred2 and tql2).
   All that is done to n numbers is done to a row. */
#include "symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../simd/isa.h"

enum { STEPS = 50 /* at most, to one eigenvalue */ };

#ifdef MS_DOUBLE
#define LENGTH hypot
#define EPSILON DBL_EPSILON
#else
#define LENGTH(a, b) sqrt((a) * (a) + (b) * (b))
#define EPSILON FLT_EPSILON
#endif

/* A matrix on its way: diagonal, what lies beside it (beside[i]: of i and i + 1), and the factors
   of the reflectors. */
typedef struct tridiagonal {
  size_t n;
  real *a;
  double *diagonal, *beside, *factor;
} tridiagonal;

/* ---- rows ------------------------------------------------------------------------------------ */
static void add_row(real *restrict to, real factor, const real *restrict x, size_t n)
{
  for (size_t i = 0; i < n; i++) to[i] += factor * x[i];
}

static real dot(const real *x, const real *y, size_t n)
{
  vec sum = { 0 };
  real rest = 0;
  size_t i = 0;
  for (; i + MS_LANES <= n; i += MS_LANES) sum += *(const vec_u *)(x + i) * *(const vec_u *)(y + i);
  for (; i < n; i++) rest += x[i] * y[i];
  for (int k = 0; k < MS_LANES; k++) rest += sum[k];
  return rest;
}

static double length_of(const real *x, size_t n)
{
  double most = 0, sum = 0;
  for (size_t i = 0; i < n; i++) most = fabs((double)x[i]) > most ? fabs((double)x[i]) : most;
  if (most == 0) return 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] / most * ((double)x[i] / most);
  return most * sqrt(sum);
}

/* ---- to a tridiagonal matrix ----------------------------------------------------------------- */
/* Turns x (n) into the reflector that leaves only its last number, whose own is 1; returns what
   is left, and its factor. */
static double reflector_of(real *x, size_t n, double *factor)
{
  const double last = (double)x[n - 1], others = length_of(x, n - 1);
  *factor = 0;
  if (others == 0) return last;
  const double length = -copysign(hypot(last, others), last);
  for (size_t i = 0; i + 1 < n; i++) x[i] = (real)((double)x[i] / (last - length));
  x[n - 1] = 1;
  *factor = (length - last) / length;
  return length;
}

/* The corner (n, n) of a becomes h a h, h = 1 - factor v v^T; w: room for n numbers. */
static void reflect_corner(const tridiagonal *t, size_t n, const real *v, real factor, real *w)
{
  memset(w, 0, n * sizeof *w);
  for (size_t r = 0; r < n; r++) add_row(w, factor * v[r], t->a + r * t->n, n);
  add_row(w, -factor / 2 * dot(w, v, n), v, n);
  for (size_t r = 0; r < n; r++) {
    real *row = t->a + r * t->n;
    const real x = v[r], y = w[r];
    for (size_t c = 0; c < n; c++) row[c] -= x * w[c] + y * v[c];
  }
}

/* Row by row from the last; a row keeps its reflector. w: room. */
static void make_tridiagonal(const tridiagonal *t, real *w)
{
  const size_t n = t->n;
  for (size_t r = 0; r < n; r++)
    for (size_t c = r + 1; c < n; c++) t->a[r * n + c] = t->a[c * n + r];
  for (size_t i = n; i-- > 1;) {
    real *row = t->a + i * n;
    t->diagonal[i] = (double)row[i];
    t->beside[i - 1] = reflector_of(row, i, &t->factor[i]);
    if (t->factor[i] != 0) reflect_corner(t, i, row, (real)t->factor[i], w);
  }
  t->diagonal[0] = (double)t->a[0];
}

/* The product of the reflections, transposed, in place of the reflectors. */
static void join_reflectors(const tridiagonal *t)
{
  const size_t n = t->n;
  for (size_t i = 0; i < n; i++) {
    real *v = t->a + i * n;
    for (size_t r = 0; t->factor[i] != 0 && r < i; r++) {
      real *row = t->a + r * n;
      add_row(row, -(real)t->factor[i] * dot(row, v, i), v, i);
    }
    memset(v, 0, i * sizeof *v);
    v[i] = 1;
    for (size_t r = 0; r < i; r++) t->a[r * n + i] = 0;
  }
}

/* ---- to a diagonal one ----------------------------------------------------------------------- */
static void rotate(real *restrict x, real *restrict y, real c, real s, size_t n)
{
  for (size_t k = 0; k < n; k++) {
    const real old = y[k];
    y[k] = s * x[k] + c * old;
    x[k] = c * x[k] - s * old;
  }
}

/* The end of the part from `first` on that does not fall apart. */
static size_t end_of_part(const tridiagonal *t, size_t first)
{
  const double *d = t->diagonal;
  size_t i = first;
  while (i + 1 < t->n && fabs(t->beside[i]) > EPSILON * (fabs(d[i]) + fabs(d[i + 1]))) i++;
  return i;
}

/* One step from the end of the part first..last, shifted by what it would leave at `first`. */
static void step(const tridiagonal *t, size_t first, size_t last)
{
  double *d = t->diagonal, *e = t->beside, s = 1, c = 1, moved = 0;
  double g = (d[first + 1] - d[first]) / (2 * e[first]);
  g = d[last] - d[first] + e[first] / (g + copysign(LENGTH(g, 1), g));
  for (size_t i = last; i-- > first;) {
    const double f = s * e[i], b = c * e[i], length = LENGTH(f, g);
    if (i + 1 < last) e[i + 1] = length;
    if (length == 0) {
      d[i + 1] -= moved;
      return;
    }
    s = f / length;
    c = g / length;
    g = d[i + 1] - moved;
    const double r = (d[i] - g) * s + 2 * c * b;
    moved = s * r;
    d[i + 1] = g + moved;
    g = c * r - b;
    rotate(t->a + i * t->n, t->a + (i + 1) * t->n, (real)c, (real)s, t->n);
  }
  d[first] -= moved;
  e[first] = g;
}

static int make_diagonal(const tridiagonal *t)
{
  for (size_t i = 0; i < t->n; i++) {
    size_t last;
    for (int steps = 0; (last = end_of_part(t, i)) > i; steps++) {
      if (steps == STEPS) return 1;
      step(t, i, last);
    }
  }
  return 0;
}

/* ---- in order -------------------------------------------------------------------------------- */
static void exchange_rows(real *x, real *y, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const real v = x[i];
    x[i] = y[i];
    y[i] = v;
  }
}

static void put_in_order(const tridiagonal *t, real *values)
{
  double *d = t->diagonal;
  for (size_t i = 0; i < t->n; i++) {
    size_t least = i;
    for (size_t k = i + 1; k < t->n; k++) least = d[k] < d[least] ? k : least;
    values[i] = (real)d[least];
    if (least == i) continue;
    d[least] = d[i];
    exchange_rows(t->a + i * t->n, t->a + least * t->n, t->n);
  }
}

static int eigen(size_t n, real *a, real *values, double *room)
{
  const tridiagonal t = { n, a, room, room + n, room + 2 * n };
  if (!n) return 0;
  t.factor[0] = 0;
  make_tridiagonal(&t, values);
  join_reflectors(&t);
  if (make_diagonal(&t) != 0) return 1;
  put_in_order(&t, values);
  return 0;
}

const ms_symmetric_kernels MS_K(symmetric) = { .eigen = eigen };
