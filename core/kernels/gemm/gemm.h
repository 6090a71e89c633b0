/* Matrix products: OpenBLAS in float and double, loops of our own where factors are rounded to
   bf16. */
#ifndef MS_GEMM_H
#define MS_GEMM_H

#include <stddef.h>

#include "../../base/cpu.h"
#include "../../base/real.h"

/* c (m, n) = scale op(a) op(b) (+ bias or + c), row-major, op = transpose where ta, tb are set;
   op(a) is (m, k), op(b) is (k, n); ld = numbers from one row to the next. k may be 0. */
typedef struct ms_product {
  int ta, tb;
  size_t m, n, k;
  real scale;
  const real *a;
  size_t lda;
  const real *b;
  size_t ldb;
  const real *bias; /* n numbers that every row of c starts from, or NULL */
  int add;          /* c itself is what it starts from, without a bias; else 0 */
  real *c;
  size_t ldc;
} ms_product;

/* Tiles are cut by sizes alone: the same bits for any number of threads. 0, or -1 and a message
   (no memory for what is packed). */
typedef struct __attribute__((designated_init)) ms_gemm_kernels {
  int (*all)(const ms_product *p);  /* cut into tiles, one thread to a tile */
  int (*here)(const ms_product *p); /* on the calling thread: for loops that are cut themselves */
} ms_gemm_kernels;

const ms_gemm_kernels *ms_k_gemm(ms_precision precision);

#endif
