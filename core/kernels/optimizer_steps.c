/* One optimizer step over a parameter, in one pass. */
#include "optimizer_steps.h"

#include <math.h>

#include "../base/thread_pool.h"
#include "simd/isa.h"

enum { PIECE = 1 << 14 };

typedef struct job {
  real *p, *m, *v;
  const real *g;
  size_t n;
  real lr, beta1, beta2, root, epsilon, decay;
  int nesterov;
} job;

#ifdef MS_DOUBLE
#define SQRT sqrt
#else
#define SQRT sqrtf
#endif

/* Without decay nothing of p comes in: 0 times an infinite p would be NaN. */
static inline real decayed(real g, real p, real decay)
{
  return decay != 0 ? g + decay * p : g;
}

static void adam_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  size_t first = chunk * PIECE, n = j->n - first < PIECE ? j->n - first : PIECE;
  real *restrict p = j->p + first, *restrict m = j->m + first, *restrict v = j->v + first;
  const real *restrict g = j->g + first;
  const real b1 = j->beta1, b2 = j->beta2, lr = j->lr, root = j->root, epsilon = j->epsilon,
             decay = j->decay;
  for (size_t i = 0; i < n; i++) {
    real slope = decayed(g[i], p[i], decay);
    m[i] = b1 * m[i] + (1 - b1) * slope;
    v[i] = b2 * v[i] + (1 - b2) * slope * slope;
    p[i] -= lr * m[i] / (SQRT(v[i]) * root + epsilon);
  }
}

static void adam(real *p, const real *g, real *m, real *v, size_t n, real lr, real beta1,
                 real beta2, real root, real epsilon, real decay)
{
  job j = { .p = p, .m = m, .v = v, .g = g, .n = n, .lr = lr, .beta1 = beta1,
            .beta2 = beta2, .root = root, .epsilon = epsilon, .decay = decay };
  ms_parallel((n + PIECE - 1) / PIECE, adam_piece, &j);
}

static void sgd_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  size_t first = chunk * PIECE, n = j->n - first < PIECE ? j->n - first : PIECE;
  real *restrict p = j->p + first, *restrict b = j->m ? j->m + first : NULL;
  const real *restrict g = j->g + first;
  const real lr = j->lr, momentum = j->beta1, decay = j->decay;
  if (!b)
    for (size_t i = 0; i < n; i++) p[i] -= lr * decayed(g[i], p[i], decay);
  else
    for (size_t i = 0; i < n; i++) {
      real slope = decayed(g[i], p[i], decay);
      b[i] = momentum * b[i] + slope;
      p[i] -= lr * (j->nesterov ? slope + momentum * b[i] : b[i]);
    }
}

static void sgd(real *p, const real *g, real *b, size_t n, real lr, real momentum, real decay,
                int nesterov)
{
  job j = { .p = p, .m = b, .g = g, .n = n, .lr = lr, .beta1 = momentum, .decay = decay,
            .nesterov = nesterov };
  ms_parallel((n + PIECE - 1) / PIECE, sgd_piece, &j);
}

const ms_optimizer_steps_kernels MS_K(optimizer_steps) = { .adam = adam, .sgd = sgd };
