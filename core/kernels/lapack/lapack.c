/* LAPACK of the OpenBLAS that is loaded: one matrix, on the calling thread, in the build's real. */
#include "lapack.h"

#include <string.h>

#include "../../base/memory.h"
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
  void (*gelqf)(in m, in n, real *a, in lda, real *tau, real *work, in lwork, int *info);
  void (*orglq)(in m, in n, in k, real *a, in lda, const real *tau, real *work, in lwork,
                int *info);
  void (*gelsd)(in m, in n, in columns, real *a, in lda, real *b, in ldb, real *s,
                const real *rcond, int *rank, real *work, in lwork, int *iwork, int *info);
} f;

static ms_scratch_key room_for_numbers, room_for_integers, room_for_reflectors;

int ms_lapack_open(void)
{
  if (f.gelsd) return 0;
  if (ms_openblas_find(NAME("getrf"), &f.getrf) != 0 ||
      ms_openblas_find(NAME("trsm"), &f.trsm) != 0 ||
      ms_openblas_find(NAME("potrf"), &f.potrf) != 0 ||
      ms_openblas_find(NAME("syevd"), &f.syevd) != 0 ||
      ms_openblas_find(NAME("gesdd"), &f.gesdd) != 0 ||
      ms_openblas_find(NAME("gelqf"), &f.gelqf) != 0 ||
      ms_openblas_find(NAME("orglq"), &f.orglq) != 0)
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

void ms_lapack_trsm(const char how[4], size_t m, size_t n, const real *a, size_t lda, real *b,
                    size_t ldb)
{
  f.trsm(how, how + 1, how + 2, how + 3, &(int){ (int)m }, &(int){ (int)n }, &(real){ 1 }, a,
         &(int){ (int)lda }, b, &(int){ (int)ldb }, 1, 1, 1, 1);
}

int ms_lapack_potrf(size_t n, real *a)
{
  int info = 0, size = (int)n;
  f.potrf("U", &size, a, &size, &info, 1);
  return info;
}

int ms_lapack_syevd(size_t n, real *a, real *values)
{
  int info = 0, size = (int)n, ask = -1, whole = 0;
  real room = 0;
  f.syevd("V", "U", &size, a, &size, values, &room, &ask, &whole, &ask, &info, 1, 1);
  const int some = wanted(room);
  real *work = numbers(some);
  int *more = integers(whole);
  if (!work || !more) return -1;
  f.syevd("V", "U", &size, a, &size, values, work, &some, more, &whole, &info, 1, 1);
  return info;
}

int ms_lapack_gesdd(int full, size_t m, size_t n, real *a, real *s, real *u, real *vt)
{
  const int rows = (int)m, columns = (int)n, least = rows < columns ? rows : columns;
  const int ldvt = full ? columns : least;
  int info = 0, ask = -1;
  int *more = integers(8 * least);
  real room = 0;
  if (!more) return -1;
  f.gesdd(full ? "A" : "S", &rows, &columns, a, &rows, s, u, &rows, vt, &ldvt, &room, &ask, more,
          &info, 1);
  const int some = wanted(room);
  real *work = numbers(some);
  if (!work) return -1;
  f.gesdd(full ? "A" : "S", &rows, &columns, a, &rows, s, u, &rows, vt, &ldvt, work, &some, more,
          &info, 1);
  return info;
}

/* The triangle of l out of a (m, n), k columns of it. */
static void copy_triangle(size_t m, size_t k, const real *a, real *l)
{
  for (size_t o = 0; o < k; o++)
    for (size_t i = 0; i < m; i++) l[o * m + i] = i < o ? 0 : a[o * m + i];
}

int ms_lapack_lq(size_t m, size_t n, real *a, real *l, size_t rows, real *q)
{
  const int height = (int)m, width = (int)n, least = height < width ? height : width;
  const int high = (int)rows;
  int info = 0, ask = -1;
  real room[2] = { 0 }, *tau = ms_scratch(&room_for_reflectors, (size_t)(least + 1) * sizeof *tau);
  if (!tau) return -1;
  f.gelqf(&height, &width, a, &height, tau, &room[0], &ask, &info);
  f.orglq(&high, &width, &least, q, &high, tau, &room[1], &ask, &info);
  const int some = larger(wanted(room[0]), wanted(room[1]));
  real *work = numbers(some);
  if (!work) return -1;
  f.gelqf(&height, &width, a, &height, tau, work, &some, &info);
  copy_triangle(m, (size_t)least, a, l);
  for (size_t o = 0; o < n; o++) memcpy(q + o * rows, a + o * m, (size_t)least * sizeof *q);
  f.orglq(&high, &width, &least, q, &high, tau, work, &some, &info);
  return info;
}

int ms_lapack_gelsd(size_t m, size_t n, size_t columns, real *a, real *b, real *s, double rcond,
                    int *rank)
{
  const int rows = (int)m, width = (int)n, sides = (int)columns, ldb = larger(rows, width);
  const real least = (real)rcond;
  int info = 0, ask = -1, whole = 0;
  real room = 0;
  f.gelsd(&rows, &width, &sides, a, &rows, b, &ldb, s, &least, rank, &room, &ask, &whole, &info);
  const int some = wanted(room);
  real *work = numbers(some);
  int *more = integers(whole);
  if (!work || !more) return -1;
  f.gelsd(&rows, &width, &sides, a, &rows, b, &ldb, s, &least, rank, work, &some, more, &info);
  return info;
}
