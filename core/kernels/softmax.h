/* Softmax over rows of numbers. */
#ifndef MS_SOFTMAX_H
#define MS_SOFTMAX_H

#include <stddef.h>

#include "../base/real.h"

/* Matrices of rows x n. */
typedef struct __attribute__((designated_init)) ms_softmax_kernels {
  void (*forward)(const real *x, real *y, size_t rows, size_t n);
  /* gx = y (gy - sum of gy y over the row) */
  void (*back)(const real *y, const real *gy, real *gx, size_t rows, size_t n);
} ms_softmax_kernels;

const ms_softmax_kernels *ms_k_softmax(void);

#endif
