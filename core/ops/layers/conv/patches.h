/* Convolutions whose kernels lie side by side on the image: products of matrices. */
#ifndef MS_PATCHES_H
#define MS_PATCHES_H

#include "../../../kernels/conv/convolution.h"

/* Whether strides are as large as the kernel, which covers x without a border, and the sums are
   long enough. */
int ms_conv_is_patches(const ms_conv_shape *s);

/* y, the gradient by x, and those by weight and, unless it is NULL, bias, as convolution.h gives
   them. 0, or -1 and a message. */
int ms_patches_forward(const ms_conv_shape *s, const real *x, const real *weight, const real *bias,
                       real *y);
int ms_patches_by_input(const ms_conv_shape *s, const real *weight, const real *gy, real *gx);
int ms_patches_by_weight(const ms_conv_shape *s, const real *x, const real *gy, real *gw,
                         real *gb);

#endif
