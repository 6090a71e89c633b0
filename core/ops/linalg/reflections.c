/* A matrix as orthogonal times triangular, by reflections in blocks: a panel of columns becomes
   triangular, and its reflections are taken to the others by products, on all threads. LAPACK's
   geqrf and orgqr do the same on one. */
#include "reflections.h"

#include <string.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../kernels/gemm/gemm_openblas.h"
#include "../../kernels/lapack/reflectors.h"
#include "matrices.h"

enum { WIDE = MS_REFLECTORS, BLOCK = 96 /* columns of one chunk */ };

/* a (m, n) with a step of ld from row to row; t (k, WIDE): a square for each panel; v (m, WIDE):
   the panel at hand. */
typedef struct work {
  size_t m, n, k, ld;
  real *a, *t, *v;
} work;

/* Columns that a panel's reflections are taken to: c -= v op(t) v^T c */
typedef struct target {
  const real *v, *t;
  size_t rows, wide, columns, ld;
  int turned;
  real *c;
} target;

static void multiply(int ta, size_t m, size_t n, size_t k, real scale, const real *a, size_t lda,
                     const real *b, size_t ldb, int add, real *c, size_t ldc)
{
  const ms_product p = { .ta = ta, .m = m, .n = n, .k = k, .scale = scale, .a = a, .lda = lda,
                         .b = b, .ldb = ldb, .add = add, .c = c, .ldc = ldc };
  ms_k_gemm_openblas.here(&p);
}

static void reflect_some(void *arg, size_t chunk)
{
  const target *g = arg;
  const size_t from = chunk * BLOCK, left = g->columns - from, n = left < BLOCK ? left : BLOCK;
  real part[WIDE * BLOCK], turned[WIDE * BLOCK], *c = g->c + from;
  multiply(1, g->wide, n, g->rows, 1, g->v, WIDE, c, g->ld, 0, part, BLOCK);
  multiply(g->turned, g->wide, n, g->wide, 1, g->t, WIDE, part, BLOCK, 0, turned, BLOCK);
  multiply(0, g->rows, n, g->wide, -1, g->v, WIDE, turned, BLOCK, 1, c, g->ld);
}

static void reflect(target g)
{
  ms_parallel((g.columns + BLOCK - 1) / BLOCK, reflect_some, &g);
}

static size_t width_of(const work *w, size_t at)
{
  return w->k - at < WIDE ? w->k - at : WIDE;
}

/* The panel's columns of a into v, and back. */
static void take_panel(const work *w, size_t at, size_t wide)
{
  memset(w->v, 0, (w->m - at) * WIDE * sizeof *w->v);
  for (size_t i = at; i < w->m; i++)
    memcpy(w->v + (i - at) * WIDE, w->a + i * w->ld + at, wide * sizeof *w->v);
}

static void put_panel(const work *w, size_t at, size_t wide)
{
  for (size_t i = at; i < w->m; i++)
    memcpy(w->a + i * w->ld + at, w->v + (i - at) * WIDE, wide * sizeof *w->v);
}

/* v with its ones and zeros, where the triangle was. */
static void complete_reflectors(real *v, size_t wide)
{
  for (size_t i = 0; i < wide; i++) {
    memset(v + i * WIDE + i, 0, (wide - i) * sizeof *v);
    v[i * WIDE + i] = 1;
  }
}

static void make_triangular(const work *w)
{
  real tau[WIDE];
  for (size_t at = 0; at < w->k; at += WIDE) {
    const size_t wide = width_of(w, at), rows = w->m - at, behind = at + wide;
    real *t = w->t + at * WIDE;
    take_panel(w, at, wide);
    ms_k_reflectors()->panel(rows, wide, w->v, tau);
    put_panel(w, at, wide);
    complete_reflectors(w->v, wide);
    multiply(1, wide, wide, rows, 1, w->v, WIDE, w->v, WIDE, 0, t, WIDE);
    ms_k_reflectors()->join(wide, t, tau);
    reflect((target){ w->v, t, rows, wide, w->n - behind, w->ld, 1, w->a + at * w->ld + behind });
  }
}

/* Columns first..end-1 of q (m, columns) as those of the identity. */
static void make_unit(size_t m, size_t columns, real *q, size_t first, size_t end)
{
  for (size_t i = 0; i < m; i++)
    memset(q + i * columns + first, 0, (end - first) * sizeof *q);
  for (size_t c = first; c < end; c++) q[c * columns + c] = 1;
}

/* The product of all reflections, from the last panel on; q may be a. */
static void make_orthogonal(const work *w, size_t columns, real *q)
{
  make_unit(w->m, columns, q, w->k, columns);
  for (size_t panel = (w->k + WIDE - 1) / WIDE; panel-- > 0;) {
    const size_t at = panel * WIDE, wide = width_of(w, at);
    take_panel(w, at, wide);
    complete_reflectors(w->v, wide);
    make_unit(w->m, columns, q, at, at + wide);
    reflect((target){ w->v, w->t + at * WIDE, w->m - at, wide, columns - at, columns, 0,
                      q + at * columns + at });
  }
}

/* The upper triangle of a (rows, n) into r, which may be a. */
static void make_upper(size_t rows, size_t n, const real *a, size_t ld, real *r)
{
  for (size_t i = 0; i < rows; i++) {
    const size_t zeros = i < n ? i : n;
    memmove(r + i * n + zeros, a + i * ld + zeros, (n - zeros) * sizeof *r);
    memset(r + i * n, 0, zeros * sizeof *r);
  }
}

/* A high matrix becomes q in place, a wide one r. */
static void factor(work *w, size_t columns, const real *x, real *q, real *r)
{
  const int high = w->m >= w->n;
  w->a = high ? q : r;
  w->ld = high ? columns : w->n;
  for (size_t i = 0; i < w->m; i++) memcpy(w->a + i * w->ld, x + i * w->n, w->n * sizeof *x);
  make_triangular(w);
  if (high) make_upper(columns, w->n, q, w->ld, r);
  make_orthogonal(w, columns, q);
  if (!high) make_upper(w->m, w->n, r, w->n, r);
}

int ms_qr_factor(size_t m, size_t n, size_t columns, const real *x, real *q, real *r)
{
  const size_t k = m < n ? m : n;
  work w = { .m = m, .n = n, .k = k };
  w.v = ms_matrix_room((m + k) * WIDE);
  if (!w.v) return -1;
  w.t = w.v + m * WIDE;
  factor(&w, columns, x, q, r);
  ms_free(w.v);
  return 0;
}
