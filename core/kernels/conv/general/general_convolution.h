/* Convolutions with any stride, dilation, padding and groups, and their gradients; transposed
   convolutions are the same functions with the roles of x and y exchanged. Parallel, deterministic,
   failing as in convolution.h. */
#ifndef MS_GENERAL_CONVOLUTION_H
#define MS_GENERAL_CONVOLUTION_H

#include "general_shape.h"

typedef struct __attribute__((designated_init)) ms_general_convolution_kernels {
  /* y from x, weight and bias (cout), which may be NULL. */
  int (*forward)(const ms_general_shape *g, const real *x, const real *weight, const real *bias,
                 real *y);
  /* gx (n, h, w, cin), overwritten, from weight and gy (n, oh, ow, cout), plus bias (cin) where it
     is not NULL. */
  int (*by_input)(const ms_general_shape *g, const real *weight, const real *gy, const real *bias,
                  real *gx);
  /* gw, overwritten, from x and gy. */
  int (*by_weight)(const ms_general_shape *g, const real *x, const real *gy, real *gw);
  /* sums[c] over the pixels of y (pixels, channels). */
  int (*sums)(const real *y, size_t pixels, size_t channels, real *sums);
} ms_general_convolution_kernels;

const ms_general_convolution_kernels *ms_k_general_convolution(ms_precision precision);

#endif
