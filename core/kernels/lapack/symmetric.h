/* Eigenvalues and eigenvectors of small symmetric matrices. */
#ifndef MS_SYMMETRIC_H
#define MS_SYMMETRIC_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct __attribute__((designated_init)) ms_symmetric_kernels {
  /* a (n, n), of which the lower triangle is read, becomes eigenvectors, a row each; values rise.
     room: 3 n doubles. 0, or 1 where they do not converge. */
  int (*eigen)(size_t n, real *a, real *values, double *room);
} ms_symmetric_kernels;

const ms_symmetric_kernels *ms_k_symmetric(void);

#endif
