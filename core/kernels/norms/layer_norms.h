/* Layer norm: every row of a matrix by itself. */
#ifndef MS_LAYER_NORMS_H
#define MS_LAYER_NORMS_H

#include <stddef.h>

#include "../../base/real.h"

/* Matrices of rows x n; gamma and beta (n); mean and inverse (rows), inverse being
   1 / sqrt(variance + epsilon). */
typedef struct __attribute__((designated_init)) ms_layer_norms_kernels {
  /* y = gamma (x - mean) inverse + beta, and the two facts of every row */
  void (*forward)(const real *x, size_t rows, size_t n, const real *gamma, const real *beta,
                  real epsilon, real *mean, real *inverse, real *y);
  /* gx may be NULL. 0, or -1 and a message. */
  int (*back)(const real *x, const real *gy, size_t rows, size_t n, const real *gamma,
              const real *mean, const real *inverse, real *gx, real *ggamma, real *gbeta);
} ms_layer_norms_kernels;

const ms_layer_norms_kernels *ms_k_layer_norms(void);

#endif
