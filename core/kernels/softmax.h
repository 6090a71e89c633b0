/* Softmax over rows of numbers, and along any dimension, and its logarithm. */
#ifndef MS_SOFTMAX_H
#define MS_SOFTMAX_H

#include "reduce/span.h"

/* x, y, gy, gx (outer, n, inner). */
typedef struct __attribute__((designated_init)) ms_softmax_kernels {
  /* log: the logarithms */
  void (*forward)(ms_span s, int log, const real *x, real *y);
  /* gx = y (gy - sum of gy y); of the logarithms gx = gy - exp(y) (sum of gy) */
  void (*back)(ms_span s, int log, const real *y, const real *gy, real *gx);
} ms_softmax_kernels;

const ms_softmax_kernels *ms_k_softmax(void);

#endif
