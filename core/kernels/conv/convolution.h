/* 2-D convolutions of channels-last images, and their gradients.
   All functions are parallel (call them from outside ms_parallel), deterministic, and give the
   same bits for any number of threads. They return 0, or -1 and a message when the machine
   has no memory for their scratch. */
#ifndef MS_CONVOLUTION_H
#define MS_CONVOLUTION_H

#include "../simd/affine_relu.h"
#include "kept_weight.h"
#include "pack/conv_shape.h"

typedef struct __attribute__((designated_init)) ms_convolution_kernels {
  /* y from x, weight and bias (cout); norm and bias may be NULL. A norm is applied to x as it is
     read; the border stays zero. kept: where the packed weight may be kept, or NULL. */
  int (*forward)(const ms_conv_shape *s, const ms_affine_relu *norm, const real *x,
                 const real *weight, const real *bias, real *y, ms_kept_weight *kept);
  /* gx (n, h, w, cin), overwritten, from weight and gy (n, oh, ow, cout). */
  int (*by_input)(const ms_conv_shape *s, const real *weight, const real *gy, real *gx);
  /* gw (kh, kw, cin, cout) and gb (cout), overwritten, from x and gy; norm and gb may be NULL. */
  int (*by_weight)(const ms_conv_shape *s, const ms_affine_relu *norm, const real *x,
                   const real *gy, real *gw, real *gb);
} ms_convolution_kernels;

const ms_convolution_kernels *ms_k_convolution(ms_precision precision);

#endif
