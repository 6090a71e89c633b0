/* Max pooling of a batch norm and a leaky rectifier. The results of these two are never stored:
   forward and backward compute them again from x. */
#ifndef MS_NORM_POOLING_H
#define MS_NORM_POOLING_H

#include "pooling.h"
#include "../simd/affine_relu.h"

/* A norm with its mean per channel: z = scale x + shift, leaky(z). */
typedef struct ms_centred_norm {
  ms_affine_relu norm;
  const real *mean;
} ms_centred_norm;

/* x (n, h, w, channels), gy as y (n, h/ph, w/pw, channels). Parallel, the same bits for any
   number of threads; 0, or -1 and a message. */
typedef struct __attribute__((designated_init)) ms_norm_pooling_kernels {
  /* y: the largest leaky(z) of every window */
  void (*forward)(const ms_pool_shape *s, const ms_centred_norm *f, const real *x, real *y);
  /* With gz = gy leaky'(z) where the window's largest number is (the first of equal ones, the last
     NaN), and 0 elsewhere: sums of gz and of gz (x - mean). */
  int (*back_sums)(const ms_pool_shape *s, const ms_centred_norm *f, const real *x, const real *gy,
                   real *sum_gz, real *sum_gz_x);
  /* gx = a gz + b (x - mean) + c, per channel; b and c may be NULL, as in norms.h */
  void (*back_apply)(const ms_pool_shape *s, const ms_centred_norm *f, const real *x,
                     const real *gy, const real *a, const real *b, const real *c, real *gx);
} ms_norm_pooling_kernels;

const ms_norm_pooling_kernels *ms_k_norm_pooling(void);

#endif
