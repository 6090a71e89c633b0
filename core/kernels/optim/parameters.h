/* Loops over parameters and their gradients beside optimizers: norms, clipping, averages. */
#ifndef MS_PARAMETERS_H
#define MS_PARAMETERS_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct __attribute__((designated_init)) ms_parameters_kernels {
  /* The sum of |x|^power in double, or the largest |x| where power is infinite; NaN stays. */
  double (*power_sum)(const real *x, size_t n, double power);
  void (*scale)(real *x, size_t n, real factor);
  void (*clamp)(real *x, size_t n, real most); /* to -most..most; NaN stays */
  /* a = a + weight (p - a): a moving average */
  void (*average)(real *a, const real *p, size_t n, real weight);
} ms_parameters_kernels;

const ms_parameters_kernels *ms_k_parameters(void);

#endif
