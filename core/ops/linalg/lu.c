/* The factors of a square matrix, a row-major: a^T = P L U, column by column. */
#include "lu.h"
#include "triangular.h"

#include "../../base/thread_pool.h"
#include "../../kernels/gemm/gemm_openblas.h"
#include "../../kernels/lapack/lapack.h"

enum { BLOCK = 96, LARGE = 320, SIDES = 128 };

/* ---- factors: panel by panel, the columns behind it on all threads ------------------ */
typedef struct panel {
  real *a;
  size_t n, first, width;
  const int *pivot; /* of the panel's rows, counted from `first` */
} panel;

static void swap_rows(const panel *p, real *column)
{
  for (size_t i = 0; i < p->width; i++) {
    const size_t other = (size_t)p->pivot[i] - 1;
    const real x = column[i];
    column[i] = column[other];
    column[other] = x;
  }
}

/* One block of columns: rows are swapped as the panel's were, and behind it what the panel explains
   is taken off. */
static void follow(void *arg, size_t chunk)
{
  const panel *p = arg;
  const size_t n = p->n, from = chunk * BLOCK, at = p->first, below = at + p->width;
  const size_t wide = n - from < BLOCK ? n - from : BLOCK;
  real *const columns = p->a + from * n, *const corner = p->a + at * n;
  if (from == at) return;
  for (size_t o = 0; o < wide; o++) swap_rows(p, columns + o * n + at);
  if (from < at) return;
  ms_triangular_solve("LLNU", p->width, wide, corner + at, n, columns + at, n);
  const ms_product off = { .m = wide, .n = n - below, .k = p->width, .scale = -1,
                           .a = columns + at, .lda = n, .b = corner + below, .ldb = n, .add = 1,
                           .c = columns + below, .ldc = n };
  ms_k_gemm_openblas.here(&off);
}

int ms_lu_factor(size_t n, real *a, int *pivot)
{
  if (n < LARGE) return n ? ms_lapack_getrf(n, n, a, n, pivot) : 0;
  int singular = 0;
  for (size_t at = 0; at < n; at += BLOCK) {
    panel p = { a, n, at, n - at < BLOCK ? n - at : BLOCK, pivot + at };
    const int info = ms_lapack_getrf(n - at, p.width, a + at * n + at, n, pivot + at);
    if (info < 0) return info;
    if (info && !singular) singular = info + (int)at;
    ms_parallel((n + BLOCK - 1) / BLOCK, follow, &p);
    for (size_t i = 0; i < p.width; i++) pivot[at + i] += (int)at;
  }
  return singular;
}

/* ---- solving: a = U^T L^T P^T, and a^T = P L U; columns of b in groups --------------- */
typedef struct sides {
  size_t n, k;
  const real *lu;
  const int *pivot;
  int turned;
  real *b;
} sides;

static void swap(real *a, real *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const real x = a[i];
    a[i] = b[i];
    b[i] = x;
  }
}

static void exchange(const sides *s, size_t i, size_t from, size_t wide)
{
  const size_t other = (size_t)s->pivot[i] - 1;
  if (other != i) swap(s->b + i * s->k + from, s->b + other * s->k + from, wide);
}

static void solve_some(void *arg, size_t chunk)
{
  const sides *s = arg;
  const size_t n = s->n, from = chunk * SIDES, wide = s->k - from < SIDES ? s->k - from : SIDES;
  real *b = s->b + from;
  if (!s->turned) {
    ms_triangular_solve("RUNN", wide, n, s->lu, n, b, s->k);
    ms_triangular_solve("RLNU", wide, n, s->lu, n, b, s->k);
    for (size_t i = n; i-- > 0;) exchange(s, i, from, wide);
  } else {
    for (size_t i = 0; i < n; i++) exchange(s, i, from, wide);
    ms_triangular_solve("RLTU", wide, n, s->lu, n, b, s->k);
    ms_triangular_solve("RUTN", wide, n, s->lu, n, b, s->k);
  }
}

void ms_lu_solve(size_t n, const real *lu, const int *pivot, int turned, size_t k, real *b)
{
  sides s = { n, k, lu, pivot, turned, b };
  if (n) ms_parallel((k + SIDES - 1) / SIDES, solve_some, &s);
}
