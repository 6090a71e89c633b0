/* Sums, over everything or along one dimension; partial sums in a fixed order. */
#ifndef MS_REDUCTIONS_H
#define MS_REDUCTIONS_H

#include <stddef.h>

#include "../base/real.h"

typedef struct __attribute__((designated_init)) ms_reductions_kernels {
  /* Sums of n numbers, gathered in double from pieces of fixed size. */
  double (*sum)(const real *x, size_t n);
  double (*sum_abs_difference)(const real *a, const real *b, size_t n);
  double (*sum_square_difference)(const real *a, const real *b, size_t n);
  /* x (outer, n, inner) -> y (outer, inner) */
  void (*sum_along)(const real *x, real *y, size_t outer, size_t n, size_t inner);
} ms_reductions_kernels;

const ms_reductions_kernels *ms_k_reductions(void);

#endif
