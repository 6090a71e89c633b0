/* Distances between the rows of two matrices, and their gradients. */
#ifndef MS_DISTANCES_H
#define MS_DISTANCES_H

#include <stddef.h>

#include "../../base/real.h"

/* a (m, k), b (n, k), y (m, n): y[i, j] = (sum over q of |a[i, q] - b[j, q]|^p)^(1/p); p = 0 counts
   the numbers that differ, p = infinity takes the largest difference. */
typedef struct ms_distances {
  size_t m, n, k;
  double p;
  const real *a, *b;
  real *y;        /* backward reads it */
  const real *gy; /* backward alone */
  real *ga, *gb;  /* added to; NULL: not wanted */
} ms_distances;

typedef struct __attribute__((designated_init)) ms_distances_kernels {
  int (*forward)(const ms_distances *d); /* 0, or -1 and a message (no memory for b's columns) */
  void (*backward)(const ms_distances *d);
} ms_distances_kernels;

const ms_distances_kernels *ms_k_distances(void);

#endif
