/* Matrix products through OpenBLAS. */
#ifndef MS_GEMM_H
#define MS_GEMM_H

#include <stddef.h>

#include "../base/real.h"

/* c (m, n) = alpha op(a) op(b) + beta c, row-major, op = transpose where ta, tb are set;
   op(a) is (m, k), op(b) is (k, n); ld = numbers from one row to the next.
   Cut into tiles by size alone: the same bits for any number of threads. */
void ms_gemm(int ta, int tb, size_t m, size_t n, size_t k, real alpha, const real *a, size_t lda,
             const real *b, size_t ldb, real beta, real *c, size_t ldc);

/* The same on the calling thread, uncut: for loops that are cut themselves. */
void ms_gemm_here(int ta, int tb, size_t m, size_t n, size_t k, real alpha, const real *a,
                  size_t lda, const real *b, size_t ldb, real beta, real *c, size_t ldc);

/* Loads the library with the kernel for this processor. Call once, before any product;
   0, or -1 and a sentence. */
int ms_gemm_open(void);

/* The kernel that is in use, e.g. "SkylakeX". */
const char *ms_gemm_core(void);

#endif
