/* LAPACK of the OpenBLAS that is loaded: one matrix, on the calling thread, in the build's real.
   Matrices are column-major, as LAPACK has them: a row-major matrix is its own transpose there. */
#ifndef MS_LAPACK_H
#define MS_LAPACK_H

#include <stddef.h>

#include "../../base/real.h"

/* Looks the functions up. Call before any other; 0, or -1 and a message. */
int ms_lapack_open(void);

/* All below: 0; LAPACK's info above 0 (singular, not positive definite, no convergence); or -1 and
   a message (no memory). Sizes are below 2^31. */

/* a (m, n), a step of lda from column to column, becomes L and U; row i was swapped with
   pivot[i], from 1. */
int ms_lapack_getrf(size_t m, size_t n, real *a, size_t lda, int *pivot);

/* Solves with a triangle of a: side 'L' (a x = b) or 'R' (x a = b), 'U' or 'L', 'N' or 'T', 'U'
   where its diagonal counts as 1, else 'N'. b (m, n) becomes x. */
void ms_lapack_trsm(const char how[4], size_t m, size_t n, const real *a, size_t lda, real *b,
                    size_t ldb);

/* The upper triangle of a (n, n) becomes that of u, with a = u^T u. */
int ms_lapack_potrf(size_t n, real *a);

/* Symmetric a (n, n), of which the upper triangle is read, becomes eigenvectors, a column each;
   values rise. */
int ms_lapack_syevd(size_t n, real *a, real *values);

/* a (m, n) = u (m, ku) s (k) vt (kv, n), k the smaller size; all of u and vt where `full`. Destroys
   a. */
int ms_lapack_gesdd(int full, size_t m, size_t n, real *a, real *s, real *u, real *vt);

/* The least squares of a (m, n) x = b, of least norm; b has max(m, n) rows of which the first n
   become x. Singular values below rcond times the largest count as 0. Destroys a. */
int ms_lapack_gelsd(size_t m, size_t n, size_t columns, real *a, real *b, real *s, double rcond,
                    int *rank);

#endif
