/* What operators on batches of matrices share: shapes, loops over the batch, small products. */
#ifndef MS_MATRICES_H
#define MS_MATRICES_H

#include "../../tensor/tensor.h"

/* The last two sizes, and how many matrices there are. */
typedef struct ms_matrices {
  size_t rows, columns, count;
} ms_matrices;

/* Of a tensor with two dimensions or more, each below 2^31; looks LAPACK up. 0, or -1 and a
   message. */
int ms_matrices_of(const char *name, const ms_tensor *x, ms_matrices *m);
int ms_square_of(const char *name, const ms_tensor *x, ms_matrices *m);

/* Whether all numbers are finite; otherwise a message and -1. */
int ms_matrices_finite(const char *name, const ms_tensor *x);

/* Calls one(job, i) for each matrix i, matrices side by side on the threads: by `work`
   multiply-adds each, small ones in groups. Returns what the first one returned that is not 0,
   and its number. */
int ms_each_matrix(size_t count, size_t work, int (*one)(void *job, size_t i), void *job,
                   size_t *at);

/* c (m, n) = scale op(a) op(b), or added to c: row-major and dense, never in bf16. */
void ms_matrix_product(const char turn[2], size_t m, size_t n, size_t k, real scale, const real *a,
                       const real *b, int add, real *c);

/* y (n, m) = x (m, n) transposed */
void ms_matrix_transpose(size_t m, size_t n, const real *x, real *y);

/* The number of a matrix in its own batch, of the one at place i of a larger batch. */
size_t ms_matrix_place(int ndim, const size_t *dim, int own, const size_t *own_dim, size_t i);

/* A number of numbers, 64-byte aligned (ms_free): for parts of a backward. */
real *ms_matrix_room(size_t numbers);

#endif
