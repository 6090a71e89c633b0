/* Positions of numbers in their order along one dimension. */
#ifndef MS_SORTING_H
#define MS_SORTING_H

#include "../reduce/span.h"

/* NaN counts as larger than all, 0 and -0 as equal; of equal numbers the first comes first.
   Positions count from 1. All give 0, or -1 and a message where memory ends. */
typedef struct __attribute__((designated_init)) ms_sorting_kernels {
  /* The order of all: x and at (outer, n, inner); largest first where descending. */
  int (*sort)(ms_span s, const real *x, real *at, int descending);
  /* The first k of that order: at (outer, k, inner). */
  int (*top)(ms_span s, const real *x, real *at, size_t k, int descending);
  /* The lower median, or the first NaN: at (outer, inner). */
  int (*median)(ms_span s, const real *x, real *at);
  /* Those at k places of the order, from 0, or the first NaN: at (outer, k, inner). */
  int (*ranks)(ms_span s, const real *x, const real *rank, size_t k, real *at);
  /* The last one of the number that is there most often, the smallest of several: at (outer,
     inner) */
  int (*mode)(ms_span s, const real *x, real *at);
} ms_sorting_kernels;

const ms_sorting_kernels *ms_k_sorting(void);

#endif
