/* Gradients of reductions: from (outer, inner) back to (outer, n, inner). */
#ifndef MS_FOLD_BACKS_H
#define MS_FOLD_BACKS_H

#include "folds.h"

typedef struct __attribute__((designated_init)) ms_fold_backs_kernels {
  /* gx = scale gy, for sums */
  void (*repeat)(ms_span s, const real *gy, real *gx, real scale);
  /* MAX, MIN, MAX_ABS, MIN_ABS: numbers that equal y share gy */
  void (*extreme)(ms_fold_kind kind, ms_span s, const real *x, const real *y, const real *gy,
                  real *gx);
  /* gx = gy times the product of the others */
  void (*prod)(ms_span s, const real *x, const real *gy, real *gx);
  /* NORM1, NORM2, NORM_P; 0 where y is 0 */
  void (*norm)(ms_fold_kind kind, ms_span s, const real *x, const real *y, const real *gy,
               real *gx, double p);
  /* gx = gy (x - mean) scale / sd, 0 where sd is 0; sd: or NULL, 1 */
  void (*moment)(ms_span s, const real *x, const real *mean, const real *sd, const real *gy,
                 real *gx, double scale);
} ms_fold_backs_kernels;

const ms_fold_backs_kernels *ms_k_fold_backs(void);

#endif
