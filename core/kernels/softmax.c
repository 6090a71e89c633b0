/* Softmax over rows of numbers, and along any dimension, and its logarithm. */
#include "softmax.h"

#include "../base/thread_pool.h"
#include "simd/row_reduce.h"

typedef struct job {
  ms_span_cut cut;
  const real *x, *y, *gy;
  real *to;
  int log;
} job;

static void start(job j, ms_span s, void (*work)(void *, size_t))
{
  j.cut = ms_span_cut_of(s, 0);
  if (s.n) ms_parallel(j.cut.chunks, work, &j);
}

/* ---- rows ------------------------------------------------------------------------------------ */
static void row(const real *x, real *y, size_t n)
{
  ms_row_exp(x, y, n, ms_row_max(x, n), 1);
  const real scale = 1 / ms_row_sum(y, n);
  for (size_t i = 0; i < n; i++) y[i] *= scale;
}

static void log_row(const real *restrict x, real *restrict y, size_t n)
{
  const real most = ms_row_max(x, n);
  ms_row_exp(x, y, n, most, 1);
  const real total = (real)log((double)ms_row_sum(y, n));
  for (size_t i = 0; i < n; i++) y[i] = x[i] - most - total;
}

static void row_back(const real *restrict y, const real *restrict g, real *restrict gx, size_t n)
{
  const real along = ms_row_dot(y, g, n);
  for (size_t i = 0; i < n; i++) gx[i] = y[i] * (g[i] - along);
}

static void log_row_back(const real *restrict y, const real *restrict g, real *restrict gx,
                         size_t n)
{
  const real total = ms_row_sum(g, n);
  for (size_t i = 0; i < n; i++) gx[i] = g[i] - ms_vexp(y[i]) * total;
}

/* ---- columns, `pitch` numbers from row to row ------------------------------------------------ */
#define EACH(body)                                                                        \
  for (size_t i = 0; i < n; i++)                                                          \
    for (size_t k = 0, at = i * pitch; k < wide; k++, at++) body

static void columns(const real *restrict x, real *restrict y, size_t n, size_t pitch, size_t wide,
                    int in_log)
{
  real most[MS_SPAN_GROUP], scale[MS_SPAN_GROUP];
  double sum[MS_SPAN_GROUP] = { 0 };
  for (size_t k = 0; k < wide; k++) most[k] = x[k];
  EACH(most[k] = x[at] > most[k] ? x[at] : most[k];)
  EACH({
    y[at] = ms_vexp(x[at] - most[k]);
    sum[k] += (double)y[at];
  })
  for (size_t k = 0; k < wide; k++) scale[k] = (real)(in_log ? log(sum[k]) : 1 / sum[k]);
  if (in_log) EACH(y[at] = x[at] - most[k] - scale[k];)
  else EACH(y[at] *= scale[k];)
}

static void columns_back(const real *restrict y, const real *restrict g, real *restrict gx,
                         size_t n, size_t pitch, size_t wide, int in_log)
{
  double sum[MS_SPAN_GROUP] = { 0 };
  real along[MS_SPAN_GROUP];
  if (in_log) EACH(sum[k] += (double)g[at];)
  else EACH(sum[k] += (double)(g[at] * y[at]);)
  for (size_t k = 0; k < wide; k++) along[k] = (real)sum[k];
  if (in_log) EACH(gx[at] = g[at] - ms_vexp(y[at]) * along[k];)
  else EACH(gx[at] = y[at] * (g[at] - along[k]);)
}

/* ---- both ------------------------------------------------------------------------------------ */
static void forward_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_span s = j->cut.span;
  MS_SPAN_EACH(&j->cut, chunk, part) {
    const size_t at = ms_span_at(&j->cut, &part);
    if (s.inner > 1) columns(j->x + at, j->to + at, s.n, s.inner, part.wide, j->log);
    else (j->log ? log_row : row)(j->x + at, j->to + at, s.n);
  }
}

static void forward(ms_span s, int in_log, const real *x, real *y)
{
  start((job){ .x = x, .to = y, .log = in_log }, s, forward_some);
}

static void back_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_span s = j->cut.span;
  MS_SPAN_EACH(&j->cut, chunk, part) {
    const size_t at = ms_span_at(&j->cut, &part);
    const real *y = j->y + at, *gy = j->gy + at;
    if (s.inner > 1) columns_back(y, gy, j->to + at, s.n, s.inner, part.wide, j->log);
    else (j->log ? log_row_back : row_back)(y, gy, j->to + at, s.n);
  }
}

static void back(ms_span s, int in_log, const real *y, const real *gy, real *gx)
{
  start((job){ .y = y, .gy = gy, .to = gx, .log = in_log }, s, back_some);
}

const ms_softmax_kernels MS_K(softmax) = { .forward = forward, .back = back };
