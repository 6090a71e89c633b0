/* Running sums, products and extremes along one dimension. */
#include "scans.h"

#include <math.h>

#include "../../base/thread_pool.h"
#include "../simd/isa.h"

typedef struct job {
  ms_span_cut cut;
  const real *x, *y, *gy;
  real *to;
  int flag; /* backwards; least */
} job;

static void start(job j, ms_span s, void (*work)(void *, size_t))
{
  j.cut = ms_span_cut_of(s, 0);
  if (s.n) ms_parallel(j.cut.chunks, work, &j);
}

/* One line of n numbers, `pitch` apart; or columns side by side. */
#define SCAN(name, first, join)                                                           \
  static void name##_line(const real *x, real *y, size_t n, ptrdiff_t pitch)              \
  {                                                                                       \
    double m = first;                                                                     \
    for (size_t i = 0; i < n; i++, x += pitch, y += pitch) {                              \
      const double v = (double)*x;                                                        \
      m = join;                                                                           \
      *y = (real)m;                                                                       \
    }                                                                                     \
  }                                                                                       \
  static void name##_columns(const real *x, real *y, size_t n, ptrdiff_t pitch, size_t wide) \
  {                                                                                       \
    double part[MS_SPAN_GROUP];                                                           \
    for (size_t k = 0; k < wide; k++) part[k] = first;                                    \
    for (size_t i = 0; i < n; i++, x += pitch, y += pitch)                                \
      for (size_t k = 0; k < wide; k++) {                                                 \
        const double v = (double)x[k], m = part[k];                                       \
        part[k] = join;                                                                   \
        y[k] = (real)part[k];                                                             \
      }                                                                                   \
  }

SCAN(sum, 0, m + v)
SCAN(prod, 1, m * v)

static double total_of(const real *x, size_t n, ptrdiff_t pitch)
{
  enum { WIDE = 16 };
  double lane[WIDE] = { 0 }, total = 0;
  const real *from = pitch < 0 ? x - (n - 1) : x; /* pitch is 1 or -1 */
  size_t i = 0;
  for (; i + WIDE <= n; i += WIDE)
    for (int k = 0; k < WIDE; k++) lane[k] += (double)from[i + (size_t)k];
  for (size_t k = 0; i < n; i++, k++) lane[k] += (double)from[i];
  for (int k = 0; k < WIDE; k++) total += lane[k];
  return total;
}

/* A long line as four, each from the total of those before it: no sum waits for the others. */
static void sum_streams(const real *x, real *y, size_t n, ptrdiff_t pitch)
{
  enum { LONG = 128 };
  const size_t quarter = n / 4;
  const ptrdiff_t next = (ptrdiff_t)quarter * pitch;
  if (n < LONG) {
    sum_line(x, y, n, pitch);
    return;
  }
  double a = 0, b = total_of(x, quarter, pitch), c = b + total_of(x + next, quarter, pitch);
  double d = c + total_of(x + 2 * next, quarter, pitch);
  for (size_t i = 0; i < quarter; i++, x += pitch, y += pitch) {
    y[0] = (real)(a += (double)x[0]);
    y[next] = (real)(b += (double)x[next]);
    y[2 * next] = (real)(c += (double)x[2 * next]);
    y[3 * next] = (real)(d += (double)x[3 * next]);
  }
  for (size_t i = 4 * quarter; i < n; i++, x += pitch, y += pitch)
    y[3 * next] = (real)(d += (double)x[3 * next]);
}

static void sum_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t n = j->cut.span.n, inner = j->cut.span.inner;
  const ptrdiff_t pitch = j->flag ? -(ptrdiff_t)inner : (ptrdiff_t)inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s) + (j->flag ? (n - 1) * inner : 0);
    if (inner == 1) sum_streams(j->x + at, j->to + at, n, pitch);
    else sum_columns(j->x + at, j->to + at, n, pitch, s.wide);
  }
}

static void sum(ms_span s, const real *x, real *y, int backwards)
{
  start((job){ .x = x, .to = y, .flag = backwards }, s, sum_some);
}

static void prod_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t n = j->cut.span.n, inner = j->cut.span.inner;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s);
    if (inner == 1) prod_line(j->x + at, j->to + at, n, 1);
    else prod_columns(j->x + at, j->to + at, n, (ptrdiff_t)inner, s.wide);
  }
}

static void prod(ms_span s, const real *x, real *y)
{
  start((job){ .x = x, .to = y }, s, prod_some);
}

/* ---- back through a product ------------------------------------------------------------------ */
typedef struct line {
  const real *x, *y, *gy;
  real *gx;
  size_t n, pitch;
} line;

static size_t next_zero(const line *l, size_t from)
{
  while (from < l->n && l->x[from * l->pitch] != 0) from++;
  return from;
}

/* Before the first 0: gx_i = (sum of gy_j y_j from j = i on) / x_i. */
static void back_before(const line *l, size_t end)
{
  double sum = 0;
  for (size_t i = end; i-- > 0;) {
    const size_t at = i * l->pitch;
    sum += (double)l->gy[at] * (double)l->y[at];
    l->gx[at] = (real)(sum / (double)l->x[at]);
  }
}

/* At the first 0 the products go on without it up to the next one; behind it nothing changes y. */
static void back_line(const line *l)
{
  const size_t zero = next_zero(l, 0);
  back_before(l, zero);
  if (zero == l->n) return;
  const size_t next = next_zero(l, zero + 1);
  double product = zero ? (double)l->y[(zero - 1) * l->pitch] : 1, sum = 0;
  for (size_t i = zero; i < next; i++) {
    if (i > zero) product *= (double)l->x[i * l->pitch];
    sum += product * (double)l->gy[i * l->pitch];
  }
  for (size_t i = zero; i < l->n; i++) l->gx[i * l->pitch] = 0;
  l->gx[zero * l->pitch] = (real)sum;
}

static void prod_back_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_span span = j->cut.span;
  MS_SPAN_EACH(&j->cut, chunk, s)
    for (size_t k = 0; k < s.wide; k++) {
      const size_t at = ms_span_at(&j->cut, &s) + k;
      back_line(&(line){ j->x + at, j->y + at, j->gy + at, j->to + at, span.n, span.inner });
    }
}

static void prod_back(ms_span s, const real *x, const real *y, const real *gy, real *gx)
{
  start((job){ .x = x, .y = y, .gy = gy, .to = gx }, s, prod_back_some);
}

/* ---- differences ----------------------------------------------------------------------------- */
/* One outer block: columns are as good as one line. */
static void differences_block(const job *j, size_t o)
{
  const ms_span s = j->cut.span;
  const size_t width = (s.n - 1) * s.inner;
  const real *restrict x = j->x + o * s.n * s.inner;
  real *restrict y = j->to + o * width;
  for (size_t i = 0; i < width; i++) y[i] = x[i + s.inner] - x[i];
}

static void differences_back_block(const job *j, size_t o)
{
  const ms_span s = j->cut.span;
  const size_t width = (s.n - 1) * s.inner;
  const real *restrict gy = j->gy + o * width;
  real *restrict gx = j->to + o * s.n * s.inner;
  for (size_t k = 0; k < s.inner; k++) gx[k] = s.n > 1 ? -gy[k] : 0;
  for (size_t i = s.inner; i < width; i++) gx[i] = gy[i - s.inner] - gy[i];
  for (size_t i = s.n > 1 ? width : s.inner; i < s.n * s.inner; i++) gx[i] = gy[i - s.inner];
}

static void differences_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = ms_least((chunk + 1) * j->cut.step, j->cut.span.outer);
  for (size_t o = chunk * j->cut.step; o < end; o++)
    (j->x ? differences_block : differences_back_block)(j, o);
}

static void run_differences(job j)
{
  const ms_span s = j.cut.span;
  j.cut.step = MS_SPAN_PIECE / (s.n * s.inner + 1) + 1;
  ms_parallel((s.outer + j.cut.step - 1) / j.cut.step, differences_some, &j);
}

static void differences(ms_span s, const real *x, real *y)
{
  if (s.n > 1) run_differences((job){ .cut.span = s, .x = x, .to = y });
}

static void differences_back(ms_span s, const real *gy, real *gx)
{
  if (s.n) run_differences((job){ .cut.span = s, .gy = gy, .to = gx });
}

/* ---- extremes -------------------------------------------------------------------------------- */
static void extreme_columns(const real *x, real *at, size_t n, size_t pitch, size_t wide, real sign)
{
  real best[MS_SPAN_GROUP], place[MS_SPAN_GROUP];
  for (size_t k = 0; k < wide; k++) best[k] = -(real)INFINITY, place[k] = 1;
  for (size_t i = 0; i < n; i++, x += pitch, at += pitch)
    for (size_t k = 0; k < wide; k++) {
      const real v = sign * x[k], m = best[k];
      const int better = (v != v) | (v >= m);
      best[k] = better ? v : m;
      place[k] = better ? (real)(i + 1) : place[k];
      at[k] = place[k];
    }
}

static void extreme_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_span span = j->cut.span;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    const size_t at = ms_span_at(&j->cut, &s);
    extreme_columns(j->x + at, j->to + at, span.n, span.inner, s.wide, j->flag ? -1 : 1);
  }
}

static void extreme(ms_span s, const real *x, real *at, int least)
{
  start((job){ .x = x, .to = at, .flag = least }, s, extreme_some);
}

const ms_scans_kernels MS_K(scans) = {
  .sum = sum, .prod = prod, .prod_back = prod_back, .extreme = extreme,
  .differences = differences, .differences_back = differences_back,
};
