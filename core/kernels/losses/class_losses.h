/* Cross-entropy of rows of logits, and of log-probabilities. */
#ifndef MS_CLASS_LOSSES_H
#define MS_CLASS_LOSSES_H

#include <stddef.h>

#include "../../base/real.h"

/* rows x n numbers y. A row's loss is the sum over its classes c of a[c] (lse - y[c]), where lse is
   the logarithm of the sum of e^y, and a[c] = weight[c] ((1 - smoothing) target[c] + smoothing /
   n). */
typedef struct ms_class_loss {
  const real *y;
  const real *classes; /* rows: from 1, or `ignored`; or NULL: */
  const real *target;  /* rows x n: the share of each class */
  const real *weight;  /* n; NULL: 1 */
  real *lse;           /* rows: written by sum and each, read by back; or NULL */
  size_t rows, n;
  double smoothing, ignored; /* ignored may be NaN */
  int is_log;                /* y are log-probabilities: lse is 0 */
  int is_few; /* few numbers, which are computed in double and in order; lse is not used */
} ms_class_loss;

typedef struct __attribute__((designated_init)) ms_class_losses_kernels {
  double (*sum)(const ms_class_loss *l);
  void (*each)(const ms_class_loss *l, real *out); /* rows */
  /* gx (rows x n) = scale g times the gradient of y, or of the target; g (rows) may be NULL: 1 */
  void (*back)(const ms_class_loss *l, const real *g, double scale, real *gx);
  void (*back_target)(const ms_class_loss *l, const real *g, double scale, real *gx);
} ms_class_losses_kernels;

const ms_class_losses_kernels *ms_k_class_losses(void);

#endif
