/* One optimizer step over a parameter, in one pass. */
#include "optimizer_steps.h"

#include <math.h>

#include "../simd/chunk_sums.h"
#include "../simd/isa.h"

#ifdef MS_DOUBLE
#define SQRT sqrt
#else
#define SQRT sqrtf
#endif

enum { PIECE = 1 << 14 };

/* Without decay nothing of p comes in: 0 times an infinite p would be NaN. */
static inline real decayed(real g, real p, real decay)
{
  return decay != 0 ? g + decay * p : g;
}

static inline real sign(real x) { return x > 0 ? (real)1 : x < 0 ? (real)-1 : 0; }
static inline real larger(real a, real b) { return a > b || a != a ? a : b; }

/* A loop over number i of the parameter p, its gradient g and its slots a, b, c. */
#define STEP(name, body)                                                                  \
  static void name##_piece(void *arg, size_t chunk)                                       \
  {                                                                                       \
    const ms_optimizer_step k = *(const ms_optimizer_step *)arg;                          \
    const size_t first = chunk * PIECE, n = k.n - first < PIECE ? k.n - first : PIECE;    \
    real *restrict p = k.p + first, *restrict a = k.slot[0] ? k.slot[0] + first : NULL,   \
                   *restrict b = k.slot[1] ? k.slot[1] + first : NULL,                    \
                   *restrict c = k.slot[2] ? k.slot[2] + first : NULL;                    \
    const real *restrict gradient = k.g + first;                                          \
    (void)a, (void)b, (void)c;                                                            \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real up = k.maximize ? -gradient[i] : gradient[i];                            \
      const real g = decayed(up, p[i], k.decay);                                          \
      body                                                                                \
    }                                                                                     \
  }                                                                                       \
  static void name(const ms_optimizer_step *s)                                            \
  {                                                                                       \
    ms_optimizer_step job = *s;                                                           \
    ms_parallel((s->n + PIECE - 1) / PIECE, name##_piece, &job);                          \
  }

#define MOMENTS                                                                           \
  a[i] = k.beta1 * a[i] + k.new1 * g;                                              \
  b[i] = k.beta2 * b[i] + k.new2 * g * g;

STEP(adam_plain, MOMENTS
  p[i] = k.shrink * p[i] - k.lr * a[i] / (SQRT(b[i]) * k.root + k.epsilon);
)

STEP(adam_max, MOMENTS
  c[i] = larger(c[i], b[i]);
  p[i] = k.shrink * p[i] - k.lr * a[i] / (SQRT(c[i]) * k.root + k.epsilon);
)

static void adam(const ms_optimizer_step *s)
{
  (s->slot[2] ? adam_max : adam_plain)(s);
}

STEP(nadam, MOMENTS
  p[i] = k.shrink * p[i] - (k.gradient_lr * g + k.lr * a[i]) / (SQRT(b[i]) * k.root + k.epsilon);
)

STEP(radam, MOMENTS
  p[i] = k.shrink * p[i] - (k.plain ? k.lr * a[i] : k.lr * a[i] / (SQRT(b[i]) + k.epsilon));
)

STEP(sgd_plain, p[i] -= k.lr * g;)

/* keep is 1 but for dampening: then it is left out, as one rounding more. */
STEP(sgd_momentum,
  a[i] = k.keep == 1 ? k.momentum * a[i] + g : k.momentum * a[i] + k.keep * g;
  p[i] -= k.lr * (k.nesterov ? g + k.momentum * a[i] : a[i]);
)

static void sgd(const ms_optimizer_step *s)
{
  (s->slot[0] ? sgd_momentum : sgd_plain)(s);
}

STEP(rmsprop,
  a[i] = k.beta2 * a[i] + k.new2 * g * g;
  real variance = a[i];
  if (c) {
    c[i] = k.beta2 * c[i] + k.new2 * g;
    variance -= c[i] * c[i];
  }
  real move = g / (SQRT(variance) + k.epsilon);
  if (b) move = b[i] = k.momentum * b[i] + move;
  p[i] -= k.lr * move;
)

STEP(adagrad,
  a[i] += g * g;
  p[i] -= k.lr * g / (SQRT(a[i]) + k.epsilon);
)

STEP(lion,
  p[i] = k.shrink * p[i] - k.lr * sign(k.beta1 * a[i] + k.new1 * g);
  a[i] = k.beta2 * a[i] + k.new2 * g;
)

/* LAMB's decay belongs to its step, not to the gradient: `up` is that alone. */
static inline real lamb_way(const ms_optimizer_step *k, real p, real m, real v)
{
  return decayed(k->scale * m / (SQRT(v) * k->root + k->epsilon), p, k->decay);
}

/* The sum of the squares of n numbers, over LANES sums, so that the loop becomes vectors. */
static double sum_of_squares(const real *x, size_t n)
{
  enum { LANES = 16 };
  double lane[LANES] = { 0 }, sum = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t k = 0; k < LANES; k++) lane[k] += (double)x[i + k] * (double)x[i + k];
  for (; i < n; i++) sum += (double)x[i] * (double)x[i];
  for (size_t k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

static double moments_piece(const void *arg, size_t chunk)
{
  enum { RUN = 512 };
  const ms_optimizer_step k = *(const ms_optimizer_step *)arg;
  const size_t end = (chunk + 1) * PIECE < k.n ? (chunk + 1) * PIECE : k.n;
  double sum = 0;
  for (size_t at = chunk * PIECE; at < end; at += RUN) {
    const size_t n = end - at < RUN ? end - at : RUN;
    real *restrict a = k.slot[0] + at, *restrict b = k.slot[1] + at, way[RUN];
    const real *restrict p = k.p + at, *restrict gradient = k.g + at;
    for (size_t i = 0; i < n; i++) {
      const real g = k.maximize ? -gradient[i] : gradient[i];
      MOMENTS
      way[i] = lamb_way(&k, p[i], a[i], b[i]);
    }
    sum += sum_of_squares(way, n);
  }
  return sum;
}

static double lamb_moments(const ms_optimizer_step *s)
{
  return ms_chunk_sum((s->n + PIECE - 1) / PIECE, moments_piece, s);
}

STEP(lamb,
  (void)g;
  p[i] -= k.lr * lamb_way(&k, p[i], a[i], b[i]);
)

const ms_optimizer_steps_kernels MS_K(optimizer_steps) = {
  .adam = adam, .nadam = nadam, .radam = radam, .sgd = sgd, .rmsprop = rmsprop,
  .adagrad = adagrad, .lion = lion, .lamb_moments = lamb_moments, .lamb = lamb,
};
