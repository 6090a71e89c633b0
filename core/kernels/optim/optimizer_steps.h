/* One optimizer step over a parameter, in one pass. */
#ifndef MS_OPTIMIZER_STEPS_H
#define MS_OPTIMIZER_STEPS_H

#include <stddef.h>

#include "../../base/real.h"

/* What a step reads and writes: n numbers each. Numbers that a kind has no use for are 0, but for
   shrink. Bias corrections are in lr, scale and root. */
typedef struct ms_optimizer_step {
  real *p, *slot[3]; /* the parameter, and what is kept of it; NULL where it is not */
  const real *g;
  size_t n;
  int maximize, nesterov, plain;
  real lr, gradient_lr;  /* of the momentum; of the gradient itself */
  real decay;            /* times p, added to the gradient (lamb: to the step) */
  real shrink;           /* p is multiplied by it; 1: weight decay is not decoupled */
  real beta1, beta2, momentum; /* of the old m, v and velocity */
  real new1, new2, keep;       /* of the new gradient in them */
  real scale, root, epsilon;         /* of m; of the root of v; beside that */
} ms_optimizer_step;

typedef void ms_optimizer_loop(const ms_optimizer_step *s);

/* In all of them g is the gradient, times -1 to maximize, plus decay p. The slots in order: */
typedef struct __attribute__((designated_init)) ms_optimizer_steps_kernels {
  /* m, v, [max of v]: p = shrink p - lr m / (sqrt(v) root + epsilon) */
  ms_optimizer_loop *adam;
  /* m, v: p = shrink p - (gradient_lr g + lr m) / (sqrt(v) root + epsilon) */
  ms_optimizer_loop *nadam;
  /* m, v: p = shrink p - lr m / (sqrt(v) + epsilon); where plain without the division */
  ms_optimizer_loop *radam;
  /* [velocity]: b = momentum b + keep g; p -= lr (nesterov ? g + momentum b : b) */
  ms_optimizer_loop *sgd;
  /* v, [velocity], [mean]: b = momentum b + g / (sqrt(v - mean^2) + epsilon) */
  ms_optimizer_loop *rmsprop;
  /* v: the sum of g^2; p -= lr g / (sqrt(v) + epsilon) */
  ms_optimizer_loop *adagrad;
  /* m: p = shrink p - lr sign(beta1 m + new1 g); beta2 and new2 are of m */
  ms_optimizer_loop *lion;
  /* m, v: p -= lr r, r = scale m / (sqrt(v) root + epsilon) + decay p; before that the moments
     alone, which gives |r|^2 */
  double (*lamb_moments)(const ms_optimizer_step *s);
  ms_optimizer_loop *lamb;
} ms_optimizer_steps_kernels;

const ms_optimizer_steps_kernels *ms_k_optimizer_steps(void);

#endif
