/* Losses of two numbers each: the rows of pair_losses.def. */
#include "pair_losses.h"

#include <math.h>

#include "../simd/chunk_sums.h"
#include "../simd/isa.h"
#include "../simd/vmath.h"

enum { PIECE = 1 << 14, RUN = 256, LANES = 16 };

/* ---- what the rows are written in ------------------------------------------------------------ */
#ifdef MS_DOUBLE
#define EXP exp
#define LOG log
#define LOG1P log1p
#else
#define EXP ms_vexp
#define LOG ms_vlog

/* ln(1 + x) of x from -1 on: what 1 + x loses of x is put back. */
MS_INLINE real vlog1p(real x)
{
  const real u = 1 + x, back = (u - 1) - x;
  return ms_vlog(u) - (u > 0 && u <= FLT_MAX ? back / u : 0);
}
#define LOG1P vlog1p
#endif

MS_INLINE real magnitude(real x) { return x < 0 ? -x : x; }
MS_INLINE real sign(real a, real b) { return a > b ? (real)1 : a < b ? (real)-1 : (real)0; }
MS_INLINE real at_least(real x, real least) { return x < least ? least : x; }
MS_INLINE real above_0(real x) { return x < 0 ? 0 : x; }
MS_INLINE real smooth(real t, real by) { return t * (1 - by) + by * (real)0.5; }
MS_INLINE real sigmoid(real x) { return 1 / (1 + EXP(-x)); }
MS_INLINE real softplus(real x) { return above_0(x) + LOG1P(EXP(-magnitude(x))); }

/* Of an infinite y as PyTorch, which adds infinities of both signs: infinite where y is above 0
   and t below 1, else NaN. */
MS_INLINE real bce_of_logit(real y, real t, real weight)
{
  const real loss = (1 - t) * y + (1 + (weight - 1) * t) * softplus(-y);
  return y == (real)INFINITY ? (1 - t) * y : y == (real)-INFINITY ? (real)NAN : loss;
}

MS_INLINE real off(real y, real t) { return t * sigmoid(-y) + (1 - t) * sigmoid(y); }
MS_INLINE real focal_side(real t, real alpha)
{
  return alpha < 0 ? 1 : alpha * t + (1 - alpha) * (1 - t);
}
/* x^p of x from 0 to 1, and its slope; 0 counts as a little more, so that no power is a case of its
   own. */
MS_INLINE real power(real x, real p) { return EXP(p * LOG(at_least(x, (real)1e-37))); }
MS_INLINE real power_slope(real x, real p) { return p * power(x, p - 1); }

MS_INLINE real stirling(real t)
{
  return t > 1 ? t * LOG(t) - t + (real)0.5 * LOG((real)6.283185307179586 * t) : 0;
}
MS_INLINE real stirling_slope(real t) { return t > 1 ? LOG(t) + (real)0.5 / t : 0; }

/* ---- one run of numbers ---------------------------------------------------------------------- */
static const real ones[RUN] = { [0 ... RUN - 1] = 1 };

typedef void loop(const ms_pair_loss *l, size_t first, size_t n, real *restrict out);

/* out = w expression, over a run from `first` on */
#define LOOP(name, expression)                                                            \
  static void name(const ms_pair_loss *l, size_t first, size_t n, real *restrict out)     \
  {                                                                                       \
    const real *restrict ys = l->y + first, *restrict ts = l->t + first,                  \
                         *restrict vs = l->v ? l->v + first : ones,                       \
                         *restrict ws = l->w ? l->w + first : ones;                       \
    const real p = l->p, q = l->q;                                                        \
    (void)p, (void)q;                                                                     \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real y = ys[i], t = ts[i], v = vs[i];                                         \
      (void)y, (void)t, (void)v;                                                          \
      out[i] = ws[i] * (expression);                                                      \
    }                                                                                     \
  }
#define PAIR_LOSS(name, value, gradient_y, gradient_t, gradient_v)                        \
  LOOP(name##_value, value)                                                               \
  LOOP(name##_back_y, gradient_y)                                                         \
  LOOP(name##_back_t, gradient_t)                                                         \
  LOOP(name##_back_v, gradient_v)
#include "pair_losses.def"
#undef PAIR_LOSS

static loop *const values[] = {
#define PAIR_LOSS(name, ...) [MS_PAIR_##name] = name##_value,
#include "pair_losses.def"
#undef PAIR_LOSS
};

static loop *const gradients[][3] = {
#define PAIR_LOSS(name, ...)                                                              \
  [MS_PAIR_##name] = { name##_back_y, name##_back_t, name##_back_v },
#include "pair_losses.def"
#undef PAIR_LOSS
};

/* ---- all numbers ----------------------------------------------------------------------------- */
typedef struct job {
  const ms_pair_loss *l;
  loop *loop;
  const real *g;
  real scale, *out;
} job;

static size_t end_of(size_t n, size_t first, size_t step)
{
  return n - first < step ? n : first + step;
}

static double sum_piece(const void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = end_of(j->l->n, chunk * PIECE, PIECE);
  double lane[LANES] = { 0 }, sum = 0;
  for (size_t at = chunk * PIECE; at < end; at += RUN) {
    real out[RUN] = { 0 };
    j->loop(j->l, at, end - at < RUN ? end - at : RUN, out);
    for (size_t i = 0; i < RUN; i += LANES)
      for (size_t k = 0; k < LANES; k++) lane[k] += (double)out[i + k];
  }
  for (size_t k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

static double sum(const ms_pair_loss *l)
{
  const job j = { .l = l, .loop = values[l->kind] };
  return ms_chunk_sum((l->n + PIECE - 1) / PIECE, sum_piece, &j);
}

static void each_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = end_of(j->l->n, chunk * PIECE, PIECE);
  for (size_t at = chunk * PIECE; at < end; at += RUN) {
    const size_t n = end - at < RUN ? end - at : RUN;
    real *restrict out = j->out + at;
    const real *restrict g = j->g ? j->g + at : ones;
    const real scale = j->scale;
    j->loop(j->l, at, n, out);
    if (j->g || scale != 1)
      for (size_t i = 0; i < n; i++) out[i] = scale * g[i] * out[i];
  }
}

static void each(const ms_pair_loss *l, real *out)
{
  job j = { .l = l, .loop = values[l->kind], .scale = 1, .out = out };
  ms_parallel((l->n + PIECE - 1) / PIECE, each_piece, &j);
}

static void back(const ms_pair_loss *l, int side, const real *g, real scale, real *gx)
{
  job j = { .l = l, .loop = gradients[l->kind][side], .g = g, .scale = scale, .out = gx };
  ms_parallel((l->n + PIECE - 1) / PIECE, each_piece, &j);
}

const ms_pair_losses_kernels MS_K(pair_losses) = { .sum = sum, .each = each, .back = back };
