/* Pooling over non-overlapping windows of images (n, h, w, channels). */
#ifndef MS_POOLING_H
#define MS_POOLING_H

#include <stddef.h>

#include "../../base/real.h"

/* The input is n x h x w x channels; windows of ph x pw; the output n x h/ph x w/pw x channels,
   where what does not fill a window at the far edges is left out. */
typedef struct ms_pool_shape {
  size_t n, h, w, channels, ph, pw;
} ms_pool_shape;

typedef struct __attribute__((designated_init)) ms_pooling_kernels {
  /* The largest number of every window, and which place (0..ph*pw-1) held it first (or NULL). */
  void (*max_forward)(const ms_pool_shape *s, const real *x, real *y, unsigned char *place);
  void (*max_back)(const ms_pool_shape *s, const real *gy, const unsigned char *place, real *gx);
  void (*mean_forward)(const ms_pool_shape *s, const real *x, real *y);
  void (*mean_back)(const ms_pool_shape *s, const real *gy, real *gx);
} ms_pooling_kernels;

const ms_pooling_kernels *ms_k_pooling(void);

#endif
