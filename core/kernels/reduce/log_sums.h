/* Logarithms of sums of exponentials along one dimension. */
#ifndef MS_LOG_SUMS_H
#define MS_LOG_SUMS_H

#include "span.h"

typedef struct __attribute__((designated_init)) ms_log_sums_kernels {
  /* x (outer, n, inner) -> y (outer, inner). 0, or -1 and a message where memory ends. */
  int (*log_sum)(ms_span s, const real *x, real *y);
  /* gx = gy exp(x - y) */
  void (*back)(ms_span s, const real *x, const real *y, const real *gy, real *gx);
} ms_log_sums_kernels;

const ms_log_sums_kernels *ms_k_log_sums(void);

#endif
