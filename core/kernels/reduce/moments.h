/* Means and variances along one dimension, stable whatever the mean is. */
#ifndef MS_MOMENTS_H
#define MS_MOMENTS_H

#include "span.h"

typedef struct __attribute__((designated_init)) ms_moments_kernels {
  /* x (outer, n, inner) -> means and sums of squared differences from them over `divisor` (outer,
     inner). 0, or -1 and a message where memory ends. */
  int (*moments)(ms_span s, const real *x, real *mean, real *variance, double divisor);
} ms_moments_kernels;

const ms_moments_kernels *ms_k_moments(void);

#endif
