/* Images (n, h, w, channels) at other sizes: each place of y lies between two of x. */
#ifndef MS_UPSAMPLING_H
#define MS_UPSAMPLING_H

#include <stddef.h>

#include "../../base/real.h"

/* Along one axis, place i of y is (1 - part[i]) x[low[i]] + part[i] x[low[i] + 1], and x[low[i]]
   alone where part[i] is 0; low never falls. Place p of x goes to first[p] .. end[p]-1 of y. */
typedef struct ms_upsample_axis {
  size_t size, out;
  const size_t *low, *first, *end;
  const real *part;
} ms_upsample_axis;

typedef struct ms_upsample_shape {
  size_t n, channels;
  ms_upsample_axis y, x; /* down and across */
} ms_upsample_shape;

typedef struct __attribute__((designated_init)) ms_upsampling_kernels {
  void (*forward)(const ms_upsample_shape *s, const real *x, real *y);
  void (*back)(const ms_upsample_shape *s, const real *gy, real *gx);
} ms_upsampling_kernels;

const ms_upsampling_kernels *ms_k_upsampling(void);

#endif
