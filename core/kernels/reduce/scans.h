/* Running sums, products and extremes along one dimension; all tensors are (outer, n, inner). */
#ifndef MS_SCANS_H
#define MS_SCANS_H

#include "span.h"

typedef struct __attribute__((designated_init)) ms_scans_kernels {
  /* In double inside; backwards: sums from each place to the end. */
  void (*sum)(ms_span s, const real *x, real *y, int backwards);
  void (*prod)(ms_span s, const real *x, real *y);
  /* From y, the running products of x, and gy; right where numbers are 0, too. */
  void (*prod_back)(ms_span s, const real *x, const real *y, const real *gy, real *gx);
  /* Positions, from 1, of the last largest (`least`: smallest) number so far, or of the last NaN.
     */
  void (*extreme)(ms_span s, const real *x, real *at, int least);
  /* y (outer, n - 1, inner): each number but the first minus the one before it; and back */
  void (*differences)(ms_span s, const real *x, real *y);
  void (*differences_back)(ms_span s, const real *gy, real *gx);
} ms_scans_kernels;

const ms_scans_kernels *ms_k_scans(void);

#endif
