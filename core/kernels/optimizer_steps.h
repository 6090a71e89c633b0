/* One optimizer step over a parameter, in one pass. */
#ifndef MS_OPTIMIZER_STEPS_H
#define MS_OPTIMIZER_STEPS_H

#include <stddef.h>

#include "../base/real.h"

typedef struct __attribute__((designated_init)) ms_optimizer_steps_kernels {
  /* Adam (Kingma & Ba 2015) as PyTorch writes it: m, v moments; lr and root already hold the
     bias corrections: p -= lr m / (sqrt(v) root + epsilon). Decay is added to the gradient. */
  void (*adam)(real *p, const real *g, real *m, real *v, size_t n, real lr, real beta1,
               real beta2, real root, real epsilon, real decay);
  /* SGD: b = momentum b + (g + decay p) (b may be NULL without momentum);
     p -= lr (nesterov ? g + decay p + momentum b : b). */
  void (*sgd)(real *p, const real *g, real *b, size_t n, real lr, real momentum,
              real decay, int nesterov);
} ms_optimizer_steps_kernels;

const ms_optimizer_steps_kernels *ms_k_optimizer_steps(void);

#endif
