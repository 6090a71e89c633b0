/* Linear equations with a triangular matrix. OpenBLAS's own function reaches less than half the
   speed of its products; so the triangle is halved until it is small: one half of the unknowns, a
   product that takes what they explain off the other right sides, the other half. */
#include "triangular.h"

#include "../../base/interrupt.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../../kernels/gemm/gemm_openblas.h"
#include "../../kernels/lapack/lapack.h"

enum { SMALL = 16, SIDES = 128 };

/* Column-major, as ms_lapack_trsm says: b is m by n. */
typedef struct equations {
  const char *how;
  size_t m, n;
  const real *a;
  size_t lda;
  real *b;
  size_t ldb;
} equations;

static int from_left(const equations *e) { return e->how[0] == 'L'; }
static int turned(const equations *e) { return e->how[2] == 'T'; }

/* How many unknowns: the triangle's order. */
static size_t order(const equations *e)
{
  return from_left(e) ? e->m : e->n;
}

/* Unknowns first .. first+count-1 alone. */
static equations part(const equations *e, size_t first, size_t count)
{
  equations p = *e;
  p.a += first * (e->lda + 1);
  p.b += from_left(e) ? first : first * e->ldb;
  *(from_left(e) ? &p.m : &p.n) = count;
  return p;
}

/* Takes off the right sides of `rest` what the unknowns of `known` explain. The block of a that
   joins them has the rows of the one and the columns of the other; in memory, as row-major
   matrices, all are transposed. */
static void take_off(const equations *e, const equations *known, const equations *rest)
{
  const equations *rows = from_left(e) != turned(e) ? rest : known;
  const equations *columns = rows == rest ? known : rest;
  const size_t row = (size_t)(rows->a - e->a) / (e->lda + 1);
  const size_t column = (size_t)(columns->a - e->a) / (e->lda + 1);
  const real *block = e->a + column * e->lda + row;
  ms_product p = { .m = rest->n, .n = rest->m, .scale = -1, .add = 1, .c = rest->b,
                   .ldc = e->ldb };
  if (from_left(e)) {
    p.k = known->m;
    p.a = known->b, p.lda = e->ldb;
    p.b = block, p.ldb = e->lda, p.tb = turned(e);
  } else {
    p.k = known->n;
    p.a = block, p.lda = e->lda, p.ta = turned(e);
    p.b = known->b, p.ldb = e->ldb;
  }
  ms_k_gemm_openblas.here(&p);
}

/* Whether the first unknowns can be found before the others. */
static int forward(const equations *e)
{
  const int lower = (e->how[1] == 'L') != turned(e);
  return from_left(e) == lower;
}

static void solve(const equations *e)
{
  const size_t all = order(e), half = ms_parts_of(all / 2, SMALL) * SMALL;
  if (all <= SMALL) {
    ms_lapack_trsm(e->how, e->m, e->n, e->a, e->lda, e->b, e->ldb);
    return;
  }
  if (ms_stop_wanted()) return;
  const equations low = part(e, 0, half), high = part(e, half, all - half);
  const equations *known = forward(e) ? &low : &high, *rest = forward(e) ? &high : &low;
  solve(known);
  take_off(e, known, rest);
  solve(rest);
}

static void group(void *arg, size_t chunk)
{
  equations e = *(const equations *)arg;
  const size_t from = chunk * SIDES;
  size_t *sides = from_left(&e) ? &e.n : &e.m;
  e.b += from_left(&e) ? from * e.ldb : from;
  *sides = ms_least(*sides - from, SIDES);
  solve(&e);
}

void ms_triangular_solve(const char how[4], size_t m, size_t n, const real *a, size_t lda, real *b,
                         size_t ldb)
{
  equations e = { how, m, n, a, lda, b, ldb };
  const size_t sides = from_left(&e) ? n : m;
  ms_parallel(ms_parts_of(sides, SIDES), group, &e);
}
