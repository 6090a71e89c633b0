/* Rectifiers with a slope of their own for each channel. */
#ifndef MS_PRELUS_H
#define MS_PRELUS_H

#include <stddef.h>

#include "../base/real.h"

/* x (rows, n), slope (n): y = x where x is above 0, slope x elsewhere. */
typedef struct __attribute__((designated_init)) ms_prelus_kernels {
  void (*forward)(const real *x, size_t rows, size_t n, const real *slope, real *y);
  /* gx may be NULL; gslope (n). 0, or -1 and a message. */
  int (*back)(const real *x, const real *gy, size_t rows, size_t n, const real *slope, real *gx,
              real *gslope);
} ms_prelus_kernels;

const ms_prelus_kernels *ms_k_prelus(void);

#endif
