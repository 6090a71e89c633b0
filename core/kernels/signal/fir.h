/* Sums of products of a signal and taps that slide along it. */
#ifndef MS_FIR_H
#define MS_FIR_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct __attribute__((designated_init)) ms_fir_kernels {
  /* y[t] = sum over j of x[t + j] h[j], t in 0..ny-1: x holds ny + nh - 1 numbers */
  void (*slide)(const real *x, const real *h, size_t nh, real *y, size_t ny);
  real (*dot)(const real *a, const real *b, size_t n);
} ms_fir_kernels;

const ms_fir_kernels *ms_k_fir(void);

#endif
