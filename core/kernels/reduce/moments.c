/* Means and variances along one dimension, in double: each block of numbers about its own mean,
   and blocks joined after Chan, Golub and LeVeque (1979), so that the numbers are read once. */
#include "moments.h"

#include <math.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { BLOCK = 1 << 12, WIDE = 32 };

/* n numbers: their mean and the sum of squared differences from it. */
typedef struct moment {
  double n, mean, square;
} moment;

static moment join(moment a, moment b)
{
  if (b.n == 0) return a;
  const double n = a.n + b.n, d = b.mean - a.mean;
  return (moment){ n, a.mean + d * (b.n / n), a.square + b.square + d * d * (a.n * (b.n / n)) };
}

#define LANES_SUM(total, n, term)                                                         \
  do {                                                                                    \
    double lane_[WIDE] = { 0 };                                                           \
    size_t i_ = 0, at;                                                                    \
    for (; i_ + WIDE <= (n); i_ += WIDE)                                                  \
      for (int k_ = 0; k_ < WIDE; k_++) {                                                 \
        at = i_ + (size_t)k_;                                                             \
        lane_[k_] += term;                                                                \
      }                                                                                   \
    for (at = i_; at < (n); at++) lane_[at - i_] += term;                                 \
    for (int half_ = WIDE / 2; half_; half_ /= 2)                                         \
      for (int k_ = 0; k_ < half_; k_++) lane_[k_] += lane_[k_ + half_];                  \
    (total) = lane_[0];                                                                   \
  } while (0)

static moment of_block(const real *x, size_t n)
{
  double sum, square;
  LANES_SUM(sum, n, (double)x[at]);
  const double mean = sum / (double)n;
  LANES_SUM(square, n, ((double)x[at] - mean) * ((double)x[at] - mean));
  return (moment){ (double)n, mean, square };
}

static moment of_row(const real *x, size_t n)
{
  moment m = { 0 };
  for (size_t i = 0; i < n; i += BLOCK) m = join(m, of_block(x + i, ms_least(BLOCK, n - i)));
  return m;
}

static void columns_of_block(const real *x, size_t n, size_t pitch, size_t wide, moment *to)
{
  double mean[MS_SPAN_GROUP] = { 0 }, square[MS_SPAN_GROUP] = { 0 };
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < wide; k++) mean[k] += (double)x[i * pitch + k];
  for (size_t k = 0; k < wide; k++) mean[k] /= (double)n;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < wide; k++) {
      const double d = (double)x[i * pitch + k] - mean[k];
      square[k] += d * d;
    }
  for (size_t k = 0; k < wide; k++) to[k] = join(to[k], (moment){ (double)n, mean[k], square[k] });
}

static void of_columns(const real *x, size_t n, size_t pitch, size_t wide, moment *to)
{
  const size_t rows = BLOCK / wide + 1;
  for (size_t k = 0; k < wide; k++) to[k] = (moment){ 0 };
  for (size_t i = 0; i < n; i += rows)
    columns_of_block(x + i * pitch, ms_least(rows, n - i), pitch, wide, to);
}

typedef struct job {
  ms_span_cut cut;
  const real *x;
  real *mean, *variance;
  double divisor;
  moment *partial; /* (outer, pieces, inner), or NULL */
} job;

static void give(const job *j, size_t to, moment m)
{
  j->mean[to] = (real)m.mean;
  j->variance[to] = (real)(m.square / j->divisor);
}

static void moments_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  real turned[MS_SPAN_SHORT * MS_SPAN_PITCH];
  size_t pitch;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    moment room[MS_SPAN_GROUP], *to = j->partial ? j->partial + ms_span_partial(&j->cut, &s) : room;
    const real *x = ms_span_columns(&j->cut, &s, j->x, &pitch, turned);
    if (inner == 1) *to = of_row(x, s.end - s.from);
    else of_columns(x, s.end - s.from, pitch, s.wide, to);
    for (size_t k = 0; !j->partial && k < s.wide; k++)
      give(j, ms_span_to(&j->cut, &s) + k, room[k]);
  }
}

static void join_pieces(const job *j)
{
  const ms_span s = j->cut.span;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t k = 0; k < s.inner; k++) {
      const moment *part = j->partial + o * j->cut.pieces * s.inner + k;
      moment m = *part;
      for (size_t i = 1; i < j->cut.pieces; i++) m = join(m, part[i * s.inner]);
      give(j, o * s.inner + k, m);
    }
}

static int moments(ms_span s, const real *x, real *mean, real *variance, double divisor)
{
  static ms_scratch_key key;
  job j = { .cut = ms_span_cut_rows(s), .x = x, .mean = mean, .variance = variance,
            .divisor = divisor };
  if (j.cut.pieces > 1) {
    j.partial = ms_scratch(&key, s.outer * j.cut.pieces * s.inner * sizeof *j.partial);
    if (!j.partial) return -1;
  }
  ms_parallel(j.cut.chunks, moments_some, &j);
  if (j.partial) join_pieces(&j);
  return 0;
}

const ms_moments_kernels MS_K(moments) = { .moments = moments };
