/* Root mean square norm: every row of a matrix by itself. */
#ifndef MS_RMS_NORMS_H
#define MS_RMS_NORMS_H

#include <stddef.h>

#include "../../base/real.h"

/* Matrices of rows x n; gamma (n) or NULL; inverse (rows): 1 / sqrt(mean of squares + epsilon). */
typedef struct __attribute__((designated_init)) ms_rms_norms_kernels {
  /* y = gamma x inverse, and the inverse of every row */
  void (*forward)(const real *x, size_t rows, size_t n, const real *gamma, real epsilon,
                  real *inverse, real *y);
  /* gx and ggamma may be NULL. 0, or -1 and a message. */
  int (*back)(const real *x, const real *gy, size_t rows, size_t n, const real *gamma,
              const real *inverse, real *gx, real *ggamma);
} ms_rms_norms_kernels;

const ms_rms_norms_kernels *ms_k_rms_norms(void);

#endif
