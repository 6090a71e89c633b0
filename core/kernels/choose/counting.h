/* Counting numbers in bins. */
#ifndef MS_COUNTING_H
#define MS_COUNTING_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct __attribute__((designated_init)) ms_counting_kernels {
  /* How many of n numbers, or the sum of their weights, are in each of fewer than 2^31 bins:
     between evenly spaced edges (bins + 1), of which the last belongs to the last bin; or, without
     edges, are 1, 2, ... 0, or -1 and a message where memory ends. */
  int (*count)(const real *x, const real *weights, size_t n, const real *edges, size_t bins,
               real *counts);
} ms_counting_kernels;

const ms_counting_kernels *ms_k_counting(void);

#endif
