/* Logarithms of sums of exponentials along one dimension: of each piece the largest number, and
   the sum of exponentials of the differences from it. */
#include "log_sums.h"

#include <math.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"
#include "../simd/row_reduce.h"

enum { RUN = 1 << 10, WIDE = 64 };

/* exp(most) sum; an infinite or missing number is no `most`. */
typedef struct scaled {
  real most;
  double sum;
} scaled;

static inline real finite_or_0(real v)
{
  return v - v == 0 ? v : 0;
}

static double run_sum(const real *x, size_t n, real most)
{
  real lane[WIDE] = { 0 };
  double sum = 0;
  size_t i = 0;
  for (; i + WIDE <= n; i += WIDE)
    for (int k = 0; k < WIDE; k++) lane[k] += ms_vexp(x[i + (size_t)k] - most);
  for (size_t k = 0; i < n; i++, k++) lane[k] += ms_vexp(x[i] - most);
  for (int k = 0; k < WIDE; k++) sum += (double)lane[k];
  return sum;
}

static scaled of_row(const real *x, size_t n)
{
  scaled r = { finite_or_0(ms_row_max(x, n)), 0 };
  for (size_t i = 0; i < n; i += RUN) r.sum += run_sum(x + i, ms_least(RUN, n - i), r.most);
  return r;
}

static void of_columns(const real *x, size_t n, size_t pitch, size_t wide, scaled *to)
{
  real most[MS_SPAN_GROUP];
  double sum[MS_SPAN_GROUP] = { 0 };
  for (size_t k = 0; k < wide; k++) most[k] = x[k];
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < wide; k++) {
      const real v = x[i * pitch + k];
      most[k] = v > most[k] ? v : most[k];
    }
  for (size_t k = 0; k < wide; k++) most[k] = finite_or_0(most[k]);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < wide; k++) sum[k] += (double)ms_vexp(x[i * pitch + k] - most[k]);
  for (size_t k = 0; k < wide; k++) to[k] = (scaled){ most[k], sum[k] };
}

typedef struct job {
  ms_span_cut cut;
  const real *x, *y, *gy;
  real *to;
  scaled *partial; /* (outer, pieces, inner), or NULL */
} job;

static real log_of(scaled r)
{
  return (real)((double)r.most + log(r.sum));
}

static void sum_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  real turned[MS_SPAN_SHORT * MS_SPAN_PITCH];
  size_t pitch;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    scaled room[MS_SPAN_GROUP], *to = j->partial ? j->partial + ms_span_partial(&j->cut, &s) : room;
    const real *x = ms_span_columns(&j->cut, &s, j->x, &pitch, turned);
    if (inner == 1) *to = of_row(x, s.end - s.from);
    else of_columns(x, s.end - s.from, pitch, s.wide, to);
    for (size_t k = 0; !j->partial && k < s.wide; k++)
      j->to[ms_span_to(&j->cut, &s) + k] = log_of(room[k]);
  }
}

static scaled join(scaled a, scaled b)
{
  const real most = a.most > b.most ? a.most : b.most;
  return (scaled){ most, a.sum * exp((double)a.most - (double)most) +
                             b.sum * exp((double)b.most - (double)most) };
}

static void join_pieces(const job *j)
{
  const ms_span s = j->cut.span;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t k = 0; k < s.inner; k++) {
      const scaled *part = j->partial + o * j->cut.pieces * s.inner + k;
      scaled r = *part;
      for (size_t i = 1; i < j->cut.pieces; i++) r = join(r, part[i * s.inner]);
      j->to[o * s.inner + k] = log_of(r);
    }
}

static int log_sum(ms_span s, const real *x, real *y)
{
  static ms_scratch_key key;
  job j = { .cut = ms_span_cut_rows(s), .x = x, .to = y };
  if (j.cut.pieces > 1) {
    j.partial = ms_scratch(&key, s.outer * j.cut.pieces * s.inner * sizeof *j.partial);
    if (!j.partial) return -1;
  }
  ms_parallel(j.cut.chunks, sum_some, &j);
  if (j.partial) join_pieces(&j);
  return 0;
}

/* Where y is infinite x = y counts as a difference of 0. */
static inline real slope(real v, real y)
{
  return v == y ? 1 : ms_vexp(v - y);
}

static void back_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s), to = ms_span_to(&j->cut, &s), n = s.end - s.from;
    const real *restrict x = j->x + at, *y = j->y + to, *gy = j->gy + to;
    real *restrict gx = j->to + at;
    const real y0 = *y, gy0 = *gy;
    if (inner == 1)
      for (size_t i = 0; i < n; i++) gx[i] = gy0 * slope(x[i], y0);
    else
      for (size_t i = 0; i < n; i++, x += inner, gx += inner)
        for (size_t k = 0; k < s.wide; k++) gx[k] = gy[k] * slope(x[k], y[k]);
  }
}

static void back(ms_span s, const real *x, const real *y, const real *gy, real *gx)
{
  job j = { .cut = ms_span_cut_of(s, 1), .x = x, .y = y, .gy = gy, .to = gx };
  ms_parallel(j.cut.chunks, back_some, &j);
}

const ms_log_sums_kernels MS_K(log_sums) = { .log_sum = log_sum, .back = back };
