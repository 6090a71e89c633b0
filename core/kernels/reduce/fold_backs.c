/* Gradients of reductions: from (outer, inner) back to (outer, n, inner). */
#include "fold_backs.h"

#include <math.h>

#include "../../base/thread_pool.h"
#include "../simd/isa.h"

typedef struct job {
  ms_span_cut cut;
  ms_fold_kind kind;
  const real *x, *y, *gy, *mean;
  real *gx;
  double p;
} job;

static void start(job j, int may_cut, ms_span s, void (*work)(void *, size_t))
{
  j.cut = ms_span_cut_of(s, may_cut);
  ms_parallel(j.cut.chunks, work, &j);
}

/* The numbers v = x[i][k] of one part and where their gradient g goes; columns in the inner loop,
   but for rows, whose factor is the same for all. `per` names what belongs to a column. */
#define EACH(x, gx, rows, wide, pitch, body)                                              \
  for (size_t i_ = 0; i_ < (rows); i_++)                                                  \
    for (size_t k = 0; k < (wide); k++) {                                                 \
      const real v = (x)[i_ * (pitch) + k];                                               \
      (gx)[i_ * (pitch) + k] = body;                                                      \
    }

/* ---- sums ------------------------------------------------------------------------------------ */
static void fill(real *restrict to, size_t n, real value)
{
  for (size_t i = 0; i < n; i++) to[i] = value;
}

static void scale_row(real *restrict to, const real *restrict from, size_t n, real scale)
{
  for (size_t k = 0; k < n; k++) to[k] = from[k] * scale;
}

static void repeat_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  const real scale = (real)j->p;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const real *gy = j->gy + ms_span_to(&j->cut, &s);
    real *gx = j->gx + ms_span_at(&j->cut, &s);
    if (inner == 1) fill(gx, s.end - s.from, *gy * scale);
    else
      for (size_t i = s.from; i < s.end; i++, gx += inner) scale_row(gx, gy, s.wide, scale);
  }
}

static void repeat(ms_span s, const real *gy, real *gx, real scale)
{
  start((job){ .gy = gy, .gx = gx, .p = (double)scale }, 1, s, repeat_some);
}

/* ---- the largest and the smallest ------------------------------------------------------------ */
/* Of x, or of its magnitudes, with its sign: what shares gy among those that equal y. */
static inline real share_of(real v, real y, real share, int by_size)
{
  const real size = by_size && v < 0 ? -v : v;
  return size == y ? (by_size && v < 0 ? -share : by_size && v == 0 ? 0 : share) : 0;
}

static void extreme_part(const job *j, const ms_span_part *s, int by_size)
{
  const size_t inner = j->cut.span.inner, rows = s->end - s->from;
  const size_t at = ms_span_at(&j->cut, s), to = ms_span_to(&j->cut, s);
  const real *x = j->x + at, *y = j->y + to;
  real *gx = j->gx + at, share[MS_SPAN_GROUP] = { 0 };
  for (size_t i = 0; i < rows; i++)
    for (size_t k = 0; k < s->wide; k++) {
      const real v = x[i * inner + k];
      share[k] += (by_size && v < 0 ? -v : v) == y[k];
    }
  for (size_t k = 0; k < s->wide; k++) share[k] = j->gy[to + k] / share[k];
  EACH(x, gx, rows, s->wide, inner, share_of(v, y[k], share[k], by_size))
}

static void extreme_row(const job *j, const ms_span_part *s, int by_size)
{
  const size_t at = ms_span_at(&j->cut, s), to = ms_span_to(&j->cut, s), n = s->end - s->from;
  const real *restrict x = j->x + at, y = j->y[to];
  real *restrict gx = j->gx + at;
  size_t ties = 0;
  for (size_t i = 0; i < n; i++) ties += (by_size && x[i] < 0 ? -x[i] : x[i]) == y;
  const real share = j->gy[to] / (real)ties;
  for (size_t i = 0; i < n; i++) gx[i] = share_of(x[i], y, share, by_size);
}

static void extreme_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const int by_size = j->kind == MS_FOLD_MAX_ABS || j->kind == MS_FOLD_MIN_ABS;
  MS_SPAN_EACH(&j->cut, chunk, s)
    (j->cut.span.inner == 1 ? extreme_row : extreme_part)(j, &s, by_size);
}

static void extreme(ms_fold_kind kind, ms_span s, const real *x, const real *y, const real *gy,
                    real *gx)
{
  start((job){ .kind = kind, .x = x, .y = y, .gy = gy, .gx = gx }, 0, s, extreme_some);
}

/* ---- products: the product of what is not 0, and how many are -------------------------------- */
static inline real others(double v, double product, double zeros)
{
  return (real)(zeros == 0 ? product / v : zeros == 1 && v == 0 ? product : 0);
}

static void prod_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s), rows = s.end - s.from;
    const real *x = j->x + at, *gy = j->gy + ms_span_to(&j->cut, &s);
    real *gx = j->gx + at;
    double product[MS_SPAN_GROUP], zeros[MS_SPAN_GROUP] = { 0 };
    for (size_t k = 0; k < s.wide; k++) product[k] = (double)gy[k];
    for (size_t i = 0; i < rows; i++)
      for (size_t k = 0; k < s.wide; k++) {
        const double v = (double)x[i * inner + k];
        product[k] *= v == 0 ? 1 : v;
        zeros[k] += v == 0;
      }
    EACH(x, gx, rows, s.wide, inner, others((double)v, product[k], zeros[k]))
  }
}

static void prod(ms_span s, const real *x, const real *gy, real *gx)
{
  start((job){ .x = x, .gy = gy, .gx = gx }, 0, s, prod_some);
}

/* ---- norms ----------------------------------------------------------------------------------- */
static inline real sign(real v) { return (real)((v > 0) - (v < 0)); }

static inline real power_slope(real v, double p)
{
  return v == 0 ? 0 : (real)copysign(pow(fabs((double)v), p - 1), (double)v);
}

/* What a column's slopes are multiplied by. */
static real factor(const job *j, real gy, real y)
{
  if (y == 0) return 0;
  return j->kind == MS_FOLD_NORM1   ? gy
         : j->kind == MS_FOLD_NORM2 ? gy / y
                                    : (real)((double)gy / pow((double)y, j->p - 1));
}

static void norm_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s), to = ms_span_to(&j->cut, &s);
    const size_t n = s.end - s.from, rows = inner == 1 ? 1 : n, wide = inner == 1 ? n : s.wide;
    const real *restrict x = j->x + at;
    real *restrict gx = j->gx + at, f[MS_SPAN_GROUP];
    f[0] = 0;
    for (size_t k = 0; k < s.wide; k++) f[k] = factor(j, j->gy[to + k], j->y[to + k]);
    const real c = f[0];
    if (j->kind == MS_FOLD_NORM_P)
      EACH(x, gx, rows, wide, inner, (inner == 1 ? c : f[k]) * power_slope(v, j->p))
    else if (j->kind == MS_FOLD_NORM1 && inner == 1) EACH(x, gx, 1, wide, 1, c * sign(v))
    else if (j->kind == MS_FOLD_NORM1) EACH(x, gx, rows, wide, inner, f[k] * sign(v))
    else if (inner == 1) EACH(x, gx, 1, wide, 1, c * v)
    else EACH(x, gx, rows, wide, inner, f[k] * v)
  }
}

static void norm(ms_fold_kind kind, ms_span s, const real *x, const real *y, const real *gy,
                 real *gx, double p)
{
  start((job){ .kind = kind, .x = x, .y = y, .gy = gy, .gx = gx, .p = p }, 1, s, norm_some);
}

/* ---- variances ------------------------------------------------------------------------------- */
static void moment_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s), to = ms_span_to(&j->cut, &s);
    const real *restrict x = j->x + at, *mean = j->mean + to;
    real *restrict gx = j->gx + at, f[MS_SPAN_GROUP];
    f[0] = 0;
    for (size_t k = 0; k < s.wide; k++) {
      const real sd = j->y ? j->y[to + k] : 1;
      f[k] = sd == 0 ? 0 : j->gy[to + k] * (real)j->p / sd;
    }
    const real c = f[0], m = mean[0];
    if (inner == 1) EACH(x, gx, 1, s.end - s.from, 1, c * (v - m))
    else EACH(x, gx, s.end - s.from, s.wide, inner, f[k] * (v - mean[k]))
  }
}

static void moment(ms_span s, const real *x, const real *mean, const real *sd, const real *gy,
                   real *gx, double scale)
{
  start((job){ .x = x, .mean = mean, .y = sd, .gy = gy, .gx = gx, .p = scale }, 1, s, moment_some);
}

const ms_fold_backs_kernels MS_K(fold_backs) = {
  .repeat = repeat, .extreme = extreme, .prod = prod, .norm = norm, .moment = moment,
};
