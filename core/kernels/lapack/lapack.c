/* LAPACK of the OpenBLAS that is loaded: one matrix, on the calling thread, in the build's real. */
#include "lapack.h"

#include <string.h>

#include "../../base/memory.h"
#include "../../base/system/apart.h"
#include "../../base/thread_pool.h"
#include "../gemm/gemm_openblas.h"

#ifdef MS_DOUBLE
#define NAME(name) "d" name "_"
#else
#define NAME(name) "s" name "_"
#endif

/* Fortran: all by pointer, and the lengths of words at the end. */
typedef const int *in;
static struct {
  void (*getrf)(in m, in n, real *a, in lda, int *pivot, int *info);
  void (*trsm)(const char *side, const char *part, const char *turn, const char *unit, in m,
               in n, const real *scale, const real *a, in lda, real *b, in ldb, size_t,
               size_t, size_t, size_t);
  void (*potrf)(const char *part, in n, real *a, in lda, int *info, size_t);
  void (*syevd)(const char *job, const char *part, in n, real *a, in lda, real *w, real *work,
                in lwork, int *iwork, in liwork, int *info, size_t, size_t);
  void (*gesdd)(const char *job, in m, in n, real *a, in lda, real *s, real *u, in ldu,
                real *vt, in ldvt, real *work, in lwork, int *iwork, int *info, size_t);
  void (*gelsd)(in m, in n, in columns, real *a, in lda, real *b, in ldb, real *s,
                const real *rcond, int *rank, real *work, in lwork, int *iwork, int *info);
} f;

static ms_scratch_key room_for_numbers, room_for_integers;

int ms_lapack_open(void)
{
  if (f.gelsd) return 0;
  if (ms_openblas_find(NAME("getrf"), &f.getrf) != 0 ||
      ms_openblas_find(NAME("trsm"), &f.trsm) != 0 ||
      ms_openblas_find(NAME("potrf"), &f.potrf) != 0 ||
      ms_openblas_find(NAME("syevd"), &f.syevd) != 0 ||
      ms_openblas_find(NAME("gesdd"), &f.gesdd) != 0)
    return -1;
  return ms_openblas_find(NAME("gelsd"), &f.gelsd);
}

static real *numbers(int n)
{
  return ms_scratch(&room_for_numbers, (size_t)(n > 1 ? n : 1) * sizeof(real));
}

static int *integers(int n)
{
  return ms_scratch(&room_for_integers, (size_t)(n > 1 ? n : 1) * sizeof(int));
}

/* Asked for, LAPACK says how much room it wants as a number, which float may round down. */
static int wanted(real room)
{
  return (int)((double)room * 1.0001) + 1;
}

static int larger(int a, int b)
{
  return a > b ? a : b;
}

int ms_lapack_getrf(size_t m, size_t n, real *a, size_t lda, int *pivot)
{
  int info = 0;
  f.getrf(&(int){ (int)m }, &(int){ (int)n }, a, &(int){ (int)lda }, pivot, &info);
  return info;
}

/* ---- long calls, which Ctrl-C may end ------------------------------------------------------- */
/* One call: sizes, numbers, room. */
typedef struct call {
  const char *how;
  int m, n, k, ld, some, whole, info, rank;
  real *a, *b, *s, *u, *vt, *work, rcond;
  int *more;
} call;

#define BLOCK(pointer, numbers) { pointer, (size_t)(numbers) * sizeof *(pointer) }
#define BLOCKS(...) \
  (const ms_apart_block[]){ __VA_ARGS__ }, \
  (int)(sizeof (ms_apart_block[]){ __VA_ARGS__ } / sizeof(ms_apart_block))

/* As ms_apart, but not beside other threads of the pool: one of them might hold OpenBLAS' lock
   while this one is copied. */
static int apart(double operations, void (*work)(void *), call *c, const ms_apart_block *blocks,
                 int count)
{
  return ms_apart(ms_parallel_inside() ? 0 : operations, work, c, blocks, count);
}

static void run_trsm(void *arg)
{
  const call *c = arg;
  f.trsm(c->how, c->how + 1, c->how + 2, c->how + 3, &c->m, &c->n, &(real){ 1 }, c->a, &c->k,
         c->b, &c->ld, 1, 1, 1, 1);
}

void ms_lapack_trsm(const char how[4], size_t m, size_t n, const real *a, size_t lda, real *b,
                    size_t ldb)
{
  const size_t order = how[0] == 'L' ? m : n;
  call c = { .how = how, .m = (int)m, .n = (int)n, .a = (real *)a, .k = (int)lda, .b = b,
             .ld = (int)ldb };
  apart((double)m * (double)n * (double)order, run_trsm, &c,
           BLOCKS(BLOCK(b, n ? (n - 1) * ldb + m : 0)));
}

static void run_potrf(void *arg)
{
  call *c = arg;
  f.potrf("U", &c->n, c->a, &c->n, &c->info, 1);
}

int ms_lapack_potrf(size_t n, real *a)
{
  call c = { .n = (int)n, .a = a };
  const double size = (double)n;
  if (apart(size * size * size / 3, run_potrf, &c,
               BLOCKS(BLOCK(a, n * n), BLOCK(&c.info, 1))) != 0)
    return -1;
  return c.info;
}

static void run_syevd(void *arg)
{
  call *c = arg;
  f.syevd("V", "U", &c->n, c->a, &c->n, c->s, c->work, &c->some, c->more, &c->whole, &c->info, 1,
          1);
}

int ms_lapack_syevd(size_t n, real *a, real *values)
{
  call c = { .n = (int)n, .a = a, .s = values };
  const int ask = -1;
  const double size = (double)n;
  real room = 0;
  f.syevd("V", "U", &c.n, a, &c.n, values, &room, &ask, &c.whole, &ask, &c.info, 1, 1);
  c.some = wanted(room);
  c.work = numbers(c.some);
  c.more = integers(c.whole);
  if (!c.work || !c.more ||
      apart(6 * size * size * size, run_syevd, &c,
               BLOCKS(BLOCK(a, n * n), BLOCK(values, n), BLOCK(&c.info, 1))) != 0)
    return -1;
  return c.info;
}

static void run_gesdd(void *arg)
{
  call *c = arg;
  f.gesdd(c->how, &c->m, &c->n, c->a, &c->m, c->s, c->u, &c->m, c->vt, &c->ld, c->work, &c->some,
          c->more, &c->info, 1);
}

int ms_lapack_gesdd(int full, size_t m, size_t n, real *a, real *s, real *u, real *vt)
{
  const size_t least = m < n ? m : n, columns = full ? m : least, rows = full ? n : least;
  call c = { .how = full ? "A" : "S", .m = (int)m, .n = (int)n, .ld = (int)rows, .a = a, .s = s,
             .u = u, .vt = vt, .some = -1, .more = integers(8 * (int)least) };
  real room = 0;
  if (!c.more) return -1;
  c.work = &room;
  run_gesdd(&c);
  c.some = wanted(room);
  c.work = numbers(c.some);
  if (!c.work || apart(14 * (double)m * (double)n * (double)least, run_gesdd, &c,
                          BLOCKS(BLOCK(s, least), BLOCK(u, m * columns), BLOCK(vt, rows * n),
                                 BLOCK(&c.info, 1))) != 0)
    return -1;
  return c.info;
}

static void run_gelsd(void *arg)
{
  call *c = arg;
  f.gelsd(&c->m, &c->n, &c->k, c->a, &c->m, c->b, &c->ld, c->s, &c->rcond, &c->rank, c->work,
          &c->some, c->more, &c->info);
}

int ms_lapack_gelsd(size_t m, size_t n, size_t columns, real *a, real *b, real *s, double rcond,
                    int *rank)
{
  const size_t least = m < n ? m : n;
  call c = { .m = (int)m, .n = (int)n, .k = (int)columns, .ld = larger((int)m, (int)n), .a = a,
             .b = b, .s = s, .rcond = (real)rcond, .some = -1, .more = &c.whole };
  real room = 0;
  c.work = &room;
  run_gelsd(&c);
  c.some = wanted(room);
  c.work = numbers(c.some);
  c.more = integers(c.whole);
  if (!c.work || !c.more ||
      apart(8 * (double)m * (double)n * (double)least, run_gelsd, &c,
               BLOCKS(BLOCK(b, (size_t)c.ld * columns), BLOCK(s, least), BLOCK(&c.rank, 1),
                      BLOCK(&c.info, 1))) != 0)
    return -1;
  *rank = c.rank;
  return c.info;
}
