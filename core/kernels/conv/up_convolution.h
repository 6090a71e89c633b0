/* Transposed convolution 2x2 of stride 2 of channels-last images, and its gradients:
   every pixel becomes four. Parallel, deterministic, failing as in convolution.h. */
#ifndef MS_UP_CONVOLUTION_H
#define MS_UP_CONVOLUTION_H

#include <stddef.h>

#include "../../base/cpu.h"
#include "../../base/real.h"

/* y[n, 2p+a, 2q+b, o] = bias[o] + sum over c of x[n, p, q, c] * weight[a, b, c, o]. */
typedef struct ms_up_shape {
  size_t n, h, w, cin; /* x (n, h, w, cin) */
  size_t cout;         /* weight (2, 2, cin, cout), y (n, 2h, 2w, cout) */
  ms_precision precision;
} ms_up_shape;

typedef struct __attribute__((designated_init)) ms_up_convolution_kernels {
  /* y from x, weight and bias (cout), which may be NULL. */
  int (*forward)(const ms_up_shape *s, const real *x, const real *weight, const real *bias,
                 real *y);
  /* gx (n, h, w, cin), overwritten, from weight and gy (n, 2h, 2w, cout). */
  int (*by_input)(const ms_up_shape *s, const real *weight, const real *gy, real *gx);
  /* gw (2, 2, cin, cout) and gb (cout), overwritten, from x and gy; gb may be NULL. */
  int (*by_weight)(const ms_up_shape *s, const real *x, const real *gy, real *gw, real *gb);
} ms_up_convolution_kernels;

const ms_up_convolution_kernels *ms_k_up_convolution(ms_precision precision);

#endif
