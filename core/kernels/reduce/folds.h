/* Reductions that fold numbers into one, along one dimension or over everything. */
#ifndef MS_FOLDS_H
#define MS_FOLDS_H

#include "span.h"

typedef enum ms_fold_kind {
  MS_FOLD_MAX, MS_FOLD_MIN, MS_FOLD_PROD, MS_FOLD_ANY, MS_FOLD_ALL,
  /* norms: how many are not 0, sums of magnitudes, roots of sums of squares and of powers, and
     the largest and the smallest magnitude */
  MS_FOLD_COUNT, MS_FOLD_NORM1, MS_FOLD_NORM2, MS_FOLD_NORM_P, MS_FOLD_MAX_ABS, MS_FOLD_MIN_ABS
} ms_fold_kind;

typedef struct __attribute__((designated_init)) ms_folds_kernels {
  /* x (outer, n, inner) -> y (outer, inner), sums in double; p: of NORM_P. 0, or -1 and a message
     where memory ends. */
  int (*fold)(ms_fold_kind kind, ms_span s, const real *x, real *y, double p);
} ms_folds_kernels;

const ms_folds_kernels *ms_k_folds(void);

#endif
