/* Batch norm followed by a leaky rectifier, over a matrix of rows x channels. */
#ifndef MS_NORMS_H
#define MS_NORMS_H

#include <stddef.h>

#include "../simd/affine_relu.h"

/* leaky(scale x + shift) is an ms_affine_relu. 0, or -1 and a message. */
typedef struct __attribute__((designated_init)) ms_norms_kernels {
  /* mean and variance (divided by rows) of every channel */
  int (*statistics)(const real *x, size_t rows, size_t channels, real *mean, real *variance);
  /* y = leaky(scale x + shift) */
  int (*apply)(const real *x, size_t rows, size_t channels, const ms_affine_relu *f, real *y);
  /* With z = scale x + shift and gz = gy leaky'(z): sum of gz and of gz (x - mean). */
  int (*back_sums)(const real *x, const real *gy, size_t rows, size_t channels,
                   const ms_affine_relu *f, const real *mean, real *sum_gz, real *sum_gz_x);
  /* gx = a gz + b (x - mean) + c, per channel; gx may be gy. b and c are NULL where mean and
     variance are fixed: then x adds nothing, infinite as it may be. */
  int (*back_apply)(const real *x, const real *gy, size_t rows, size_t channels,
                    const ms_affine_relu *f, const real *mean, const real *a, const real *b,
                    const real *c, real *gx);
} ms_norms_kernels;

const ms_norms_kernels *ms_k_norms(void);

#endif
