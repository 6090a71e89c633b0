/* Losses of two numbers each: the rows of pair_losses.def. */
#ifndef MS_PAIR_LOSSES_H
#define MS_PAIR_LOSSES_H

#include <stddef.h>

#include "../../base/real.h"

typedef enum ms_pair_kind {
#define PAIR_LOSS(name, ...) MS_PAIR_##name,
#include "pair_losses.def"
#undef PAIR_LOSS
} ms_pair_kind;

typedef struct ms_pair_loss {
  ms_pair_kind kind;
  size_t n;
  const real *y, *t; /* n numbers each */
  const real *v, *w; /* n numbers, or NULL: 1; each loss is multiplied by w */
  real p, q;
} ms_pair_loss;

typedef struct __attribute__((designated_init)) ms_pair_losses_kernels {
  double (*sum)(const ms_pair_loss *l);
  void (*each)(const ms_pair_loss *l, real *out);
  /* gx = scale g times the gradient of y (side 0), t (1) or v (2); g may be NULL: 1 */
  void (*back)(const ms_pair_loss *l, int side, const real *g, real scale, real *gx);
} ms_pair_losses_kernels;

const ms_pair_losses_kernels *ms_k_pair_losses(void);

#endif
