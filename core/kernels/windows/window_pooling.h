/* Pooling over any windows of images (n, h, w, channels): overlapping, beyond the edges, or of as
   many sizes as it takes to give some number of places. */
#ifndef MS_WINDOW_POOLING_H
#define MS_WINDOW_POOLING_H

#include <stddef.h>

#include "../../base/real.h"

/* Windows along one axis: window i begins at place i*stride - pad; or, with a kernel of 0, `out`
   windows that cover the axis, from floor(i*size/out) to ceil((i+1)*size/out). */
typedef struct ms_pool_axis {
  size_t size, out, kernel, stride, pad;
} ms_pool_axis;

typedef struct ms_window_shape {
  size_t n, channels;
  ms_pool_axis y, x; /* down and across */
  int border;        /* means count the zeros around the image */
} ms_window_shape;

typedef struct __attribute__((designated_init)) ms_window_pooling_kernels {
  /* The largest number of every window; where it was, as a number in place of a real, counted over
     the window from 0 (or NULL). The first of equal ones; NaN is never lost. */
  void (*max_forward)(const ms_window_shape *s, const real *x, real *y, real *place);
  void (*max_back)(const ms_window_shape *s, const real *gy, const real *place, real *gx);
  void (*mean_forward)(const ms_window_shape *s, const real *x, real *y);
  void (*mean_back)(const ms_window_shape *s, const real *gy, real *gx);
} ms_window_pooling_kernels;

const ms_window_pooling_kernels *ms_k_window_pooling(void);

#endif
