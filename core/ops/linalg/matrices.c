/* What operators on batches of matrices share: shapes, loops over the batch, small products. */
#include "matrices.h"

#include <limits.h>
#include <math.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../kernels/gemm/gemm_openblas.h"
#include "../../kernels/lapack/lapack.h"

enum { WORK = 1 << 14 /* multiply-adds of one chunk of small matrices */ };

int ms_matrices_of(const char *name, const ms_tensor *x, ms_matrices *m)
{
  char text[MS_SHAPE_TEXT];
  *m = (ms_matrices){ 0 };
  if (x->ndim < 2 || x->dim[x->ndim - 1] > INT_MAX || x->dim[x->ndim - 2] > INT_MAX)
    return ms_fail("%s: a matrix or a batch of matrices is expected, got %s", name,
                   ms_shape_text(x->ndim, x->dim, text));
  *m = (ms_matrices){ x->dim[x->ndim - 2], x->dim[x->ndim - 1], 1 };
  for (int d = 0; d < x->ndim - 2; d++) m->count *= x->dim[d];
  return ms_lapack_open();
}

int ms_square_of(const char *name, const ms_tensor *x, ms_matrices *m)
{
  char text[MS_SHAPE_TEXT];
  if (ms_matrices_of(name, x, m) != 0) return -1;
  if (m->rows == m->columns) return 0;
  return ms_fail("%s: square matrices are expected, got %s", name,
                 ms_shape_text(x->ndim, x->dim, text));
}

int ms_matrices_finite(const char *name, const ms_tensor *x)
{
  for (size_t i = 0; i < x->count; i++)
    if (!isfinite(x->data[i]))
      return ms_fail("%s: the matrix has a number that is not finite (%g)", name,
                     (double)x->data[i]);
  return 0;
}

typedef struct job {
  int (*one)(void *job, size_t i);
  void *inner;
  int *status; /* of each matrix */
  size_t count, step;
} job;

static void some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = (chunk + 1) * j->step < j->count ? (chunk + 1) * j->step : j->count;
  for (size_t i = chunk * j->step; i < end; i++) j->status[i] = j->one(j->inner, i);
}

int ms_each_matrix(size_t count, size_t work, int (*one)(void *job, size_t i), void *inner,
                   size_t *at)
{
  *at = 0;
  if (count == 1) return one(inner, 0); /* which may use all threads itself */
  if (!count) return 0;
  job j = { one, inner, ms_alloc(count * sizeof(int)), count, WORK / (work + 1) + 1 };
  if (!j.status) return -1;
  for (size_t i = 0; i < count; i++) j.status[i] = 0;
  ms_parallel((count + j.step - 1) / j.step, some, &j);
  while (*at < count && !j.status[*at]) ++*at;
  const int status = *at < count ? j.status[*at] : 0;
  ms_free(j.status);
  return status < 0 ? ms_fail("no memory for matrix %zu of the batch", *at + 1) : status;
}

void ms_matrix_product(const char turn[2], size_t m, size_t n, size_t k, real scale, const real *a,
                       const real *b, int add, real *c)
{
  const int ta = turn[0] == 'T', tb = turn[1] == 'T';
  const ms_product p = { .ta = ta, .tb = tb, .m = m, .n = n, .k = k, .scale = scale, .a = a,
                         .lda = ta ? m : k, .b = b, .ldb = tb ? k : n, .add = add, .c = c,
                         .ldc = n };
  ms_k_gemm_openblas.all(&p);
}

void ms_matrix_transpose(size_t m, size_t n, const real *x, real *y)
{
  enum { TILE = 16 };
  for (size_t i = 0; i < m; i += TILE)
    for (size_t o = 0; o < n; o += TILE)
      for (size_t r = i; r < m && r < i + TILE; r++)
        for (size_t c = o; c < n && c < o + TILE; c++) y[c * m + r] = x[r * n + c];
}

size_t ms_matrix_place(int ndim, const size_t *dim, int own, const size_t *own_dim, size_t i)
{
  size_t at = 0, run = 1;
  for (int d = ndim - 1; d >= 0; i /= dim[d--]) {
    const int k = d - (ndim - own);
    if (k < 0) break;
    if (own_dim[k] > 1) at += i % dim[d] * run;
    run *= own_dim[k];
  }
  return at;
}

real *ms_matrix_room(size_t numbers)
{
  return ms_alloc((numbers + 1) * sizeof(real));
}
