/* Reductions that fold numbers into one, along one dimension or over everything. */
#include "folds.h"

#include <math.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { WIDE = 64 };

static inline real magnitude(real v) { return v < 0 ? -v : v; }
static inline real larger(real m, real v) { return ((v > m) | (v != v)) ? v : m; }
static inline real smaller(real m, real v) { return ((v < m) | (v != v)) ? v : m; }
static inline double power(double v, double p) { return pow(fabs(v), p); }

/* One row of n numbers, and columns of n rows, folded: `term` of the number v is joined to m. */
#define FOLD(name, acc, start, join, term)                                                \
  static double name##_row(const real *x, size_t n, double p)                             \
  {                                                                                       \
    acc lane[WIDE], m = start;                                                            \
    size_t i = 0;                                                                         \
    (void)p;                                                                              \
    for (; n < WIDE && i < n; i++) {                                                      \
      const real v = x[i];                                                                \
      const acc t = term;                                                                 \
      m = join;                                                                           \
    }                                                                                     \
    if (n < WIDE) return (double)m;                                                       \
    for (int k = 0; k < WIDE; k++) lane[k] = start;                                       \
    for (; i + WIDE <= n; i += WIDE)                                                      \
      for (int k = 0; k < WIDE; k++) {                                                    \
        const real v = x[i + (size_t)k];                                                  \
        const acc t = term;                                                               \
        m = lane[k];                                                                      \
        lane[k] = join;                                                                   \
      }                                                                                   \
    for (size_t at = i; at < n; at++) {                                                   \
      const real v = x[at];                                                               \
      const acc t = term;                                                                 \
      m = lane[at - i];                                                                   \
      lane[at - i] = join;                                                                \
    }                                                                                     \
    for (int half = WIDE / 2; half; half /= 2)                                            \
      for (int k = 0; k < half; k++) {                                                    \
        const acc t = lane[k + half];                                                     \
        m = lane[k];                                                                      \
        lane[k] = join;                                                                   \
      }                                                                                   \
    return (double)lane[0];                                                               \
  }                                                                                       \
  static void name##_columns(const real *x, size_t n, size_t pitch, size_t wide, double p, \
                             double *to)                                                  \
  {                                                                                       \
    acc part[MS_SPAN_GROUP];                                                              \
    (void)p;                                                                              \
    for (size_t k = 0; k < wide; k++) part[k] = start;                                    \
    for (size_t i = 0; i < n; i++, x += pitch)                                            \
      for (size_t k = 0; k < wide; k++) {                                                 \
        const real v = x[k];                                                              \
        const acc m = part[k], t = term;                                                  \
        part[k] = join;                                                                   \
      }                                                                                   \
    for (size_t k = 0; k < wide; k++) to[k] = (double)part[k];                            \
  }                                                                                       \
  static double name##_join(double a, double b)                                           \
  {                                                                                       \
    const acc m = (acc)a, t = (acc)b;                                                     \
    return (double)(join);                                                                \
  }

#define LOW ((real)-INFINITY)
#define HIGH ((real)INFINITY)

FOLD(max, real, LOW, larger(m, t), v)
FOLD(min, real, HIGH, smaller(m, t), v)
FOLD(max_abs, real, 0, larger(m, t), magnitude(v))
FOLD(min_abs, real, HIGH, smaller(m, t), magnitude(v))
FOLD(any, real, 0, larger(m, t), (real)(v != 0))
FOLD(all, real, 1, smaller(m, t), (real)(v != 0))
FOLD(prod, double, 1, m * t, (double)v)
FOLD(count, double, 0, m + t, (double)(real)(v != 0))
FOLD(norm1, double, 0, m + t, (double)magnitude(v))
FOLD(norm2, double, 0, m + t, (double)v * (double)v)
FOLD(norm_p, double, 0, m + t, power((double)v, p))

typedef struct loops {
  double (*row)(const real *x, size_t n, double p);
  void (*columns)(const real *x, size_t n, size_t pitch, size_t wide, double p, double *to);
  double (*join)(double a, double b);
} loops;

#define LOOPS(kind, name) [MS_FOLD_##kind] = { name##_row, name##_columns, name##_join }
static const loops of_kind[] = {
  LOOPS(MAX, max), LOOPS(MIN, min), LOOPS(MAX_ABS, max_abs), LOOPS(MIN_ABS, min_abs),
  LOOPS(ANY, any), LOOPS(ALL, all), LOOPS(PROD, prod), LOOPS(COUNT, count),
  LOOPS(NORM1, norm1), LOOPS(NORM2, norm2), LOOPS(NORM_P, norm_p),
};

static real finish(ms_fold_kind kind, double v, double p)
{
  return (real)(kind == MS_FOLD_NORM2 ? sqrt(v) : kind == MS_FOLD_NORM_P ? pow(v, 1 / p) : v);
}

typedef struct job {
  ms_span_cut cut;
  ms_fold_kind kind;
  const real *x;
  real *y;
  double p, *partial; /* (outer, pieces, inner), or NULL: straight into y */
} job;

static void fold_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const loops *l = &of_kind[j->kind];
  const size_t inner = j->cut.span.inner;
  real turned[MS_SPAN_SHORT * MS_SPAN_PITCH];
  size_t pitch;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    double room[MS_SPAN_GROUP], *to = j->partial ? j->partial + ms_span_partial(&j->cut, &s) : room;
    const real *x = ms_span_columns(&j->cut, &s, j->x, &pitch, turned);
    if (inner == 1) *to = l->row(x, s.end - s.from, j->p);
    else l->columns(x, s.end - s.from, pitch, s.wide, j->p, to);
    if (j->partial) continue;
    real *y = j->y + ms_span_to(&j->cut, &s);
    for (size_t k = 0; k < s.wide; k++) y[k] = finish(j->kind, room[k], j->p);
  }
}

/* The pieces' results, in their order. */
static void join_pieces(const job *j)
{
  const ms_span s = j->cut.span;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t k = 0; k < s.inner; k++) {
      const double *part = j->partial + o * j->cut.pieces * s.inner + k;
      double v = *part;
      for (size_t i = 1; i < j->cut.pieces; i++) v = of_kind[j->kind].join(v, part[i * s.inner]);
      j->y[o * s.inner + k] = finish(j->kind, v, j->p);
    }
}

static int fold(ms_fold_kind kind, ms_span s, const real *x, real *y, double p)
{
  static ms_scratch_key key;
  job j = { .cut = ms_span_cut_rows(s), .kind = kind, .x = x, .y = y, .p = p };
  if (j.cut.pieces > 1) {
    j.partial = ms_scratch(&key, s.outer * j.cut.pieces * s.inner * sizeof *j.partial);
    if (!j.partial) return -1;
  }
  ms_parallel(j.cut.chunks, fold_some, &j);
  if (j.partial) join_pieces(&j);
  return 0;
}

const ms_folds_kernels MS_K(folds) = { .fold = fold };
