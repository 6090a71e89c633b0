/* Cross-entropy of rows of logits, and of log-probabilities. */
#include "class_losses.h"

#include <math.h>
#include <string.h>

#include "../simd/chunk_sums.h"
#include "../simd/row_reduce.h"

enum { PIECE = 1 << 14 };

/* The class of row r from 0, or n where it is ignored. */
static inline size_t class_of(const ms_class_loss *l, size_t r)
{
  const double class = (double)l->classes[r];
  return class == l->ignored ? l->n : (size_t)class - 1;
}

static inline double weight_of(const ms_class_loss *l, size_t c)
{
  return l->weight ? (double)l->weight[c] : 1;
}

/* ---- the sum of exponentials ----------------------------------------------------------------- */
static double log_sum_few(const real *y, size_t n)
{
  double top = (double)y[0], sum = 0;
  for (size_t i = 1; i < n; i++) top = (double)y[i] > top ? (double)y[i] : top;
  for (size_t i = 0; i < n; i++) sum += exp((double)y[i] - top);
  return top + log(sum);
}

static real exp_sum(const real *y, size_t n, real top)
{
  enum { RUN = 256 };
  real out[RUN], sum = 0;
  for (size_t at = 0; at < n; at += RUN) {
    const size_t now = n - at < RUN ? n - at : RUN;
    ms_row_exp(y + at, out, now, top, 1);
    sum += ms_row_sum(out, now);
  }
  return sum;
}

static double log_sum(const ms_class_loss *l, size_t r)
{
  const real *y = l->y + r * l->n;
  if (l->is_log) return 0;
  if (l->is_few) return log_sum_few(y, l->n);
  const real top = ms_row_max(y, l->n);
  return (double)top + log((double)exp_sum(y, l->n, top));
}

/* ---- a row's loss ---------------------------------------------------------------------------- */
/* The sum of weight (lse - y) over all classes. */
static double mean_loss(const ms_class_loss *l, const real *y, double lse)
{
  double sum = 0;
  for (size_t c = 0; c < l->n; c++) sum += weight_of(l, c) * (lse - (double)y[c]);
  return sum;
}

static double of_shares(const ms_class_loss *l, const real *y, const real *t, double lse)
{
  const double keep = 1 - l->smoothing, add = l->smoothing / (double)l->n;
  double sum = 0;
  for (size_t c = 0; c < l->n; c++)
    sum += weight_of(l, c) * (keep * (double)t[c] + add) * (lse - (double)y[c]);
  return sum;
}

static double of_class(const ms_class_loss *l, const real *y, size_t class, double lse)
{
  const double loss = weight_of(l, class) * (lse - (double)y[class]);
  if (l->smoothing == 0) return loss;
  return (1 - l->smoothing) * loss + l->smoothing / (double)l->n * mean_loss(l, y, lse);
}

static double row_loss(const ms_class_loss *l, size_t r)
{
  const real *y = l->y + r * l->n;
  const size_t class = l->classes ? class_of(l, r) : 0;
  const double lse = log_sum(l, r);
  if (l->lse) l->lse[r] = (real)lse;
  if (!l->classes) return of_shares(l, y, l->target + r * l->n, lse);
  return class == l->n ? 0 : of_class(l, y, class, lse);
}

/* ---- all rows -------------------------------------------------------------------------------- */
typedef struct job {
  const ms_class_loss *l;
  const real *g;
  double scale;
  real *out;
} job;

static size_t step_of(const ms_class_loss *l)
{
  return PIECE / (l->n + 1) + 1;
}

static size_t chunks_of(const ms_class_loss *l)
{
  return (l->rows + step_of(l) - 1) / step_of(l);
}

static size_t end_of(const ms_class_loss *l, size_t chunk)
{
  const size_t end = (chunk + 1) * step_of(l);
  return end < l->rows ? end : l->rows;
}

static double sum_piece(const void *arg, size_t chunk)
{
  const job *j = arg;
  double sum = 0;
  for (size_t r = chunk * step_of(j->l); r < end_of(j->l, chunk); r++) sum += row_loss(j->l, r);
  return sum;
}

static double sum(const ms_class_loss *l)
{
  const job j = { .l = l };
  return ms_chunk_sum(chunks_of(l), sum_piece, &j);
}

static void each_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t r = chunk * step_of(j->l); r < end_of(j->l, chunk); r++)
    j->out[r] = (real)row_loss(j->l, r);
}

static void each(const ms_class_loss *l, real *out)
{
  ms_parallel(chunks_of(l), each_piece, &(job){ .l = l, .out = out });
}

/* ---- gradients ------------------------------------------------------------------------------- */
/* gx = scale all e^(y - lse), the part that comes of the sum of exponentials. */
static void back_sum(const ms_class_loss *l, size_t r, double scale, double all, real *gx)
{
  const real *y = l->y + r * l->n;
  const double total = l->is_few ? log_sum(l, r) : 0;
  if (l->is_log) memset(gx, 0, l->n * sizeof *gx);
  else if (l->is_few)
    for (size_t c = 0; c < l->n; c++) gx[c] = (real)(scale * (all * exp((double)y[c] - total)));
  else ms_row_exp(y, gx, l->n, l->lse[r], (real)(scale * all));
}

/* The same of few numbers and one class, rounded once. */
static void back_few(const ms_class_loss *l, size_t r, double scale, size_t class, real *gx)
{
  const real *y = l->y + r * l->n;
  const double total = log_sum(l, r), weight = weight_of(l, class);
  for (size_t c = 0; c < l->n; c++) {
    const double hit = c == class;
    gx[c] = (real)(scale * (weight * (exp((double)y[c] - total) - hit)));
  }
}

static void back_class(const ms_class_loss *l, size_t r, double scale, size_t class, real *gx)
{
  const double add = l->smoothing / (double)l->n, one = (1 - l->smoothing) * weight_of(l, class);
  double all = one;
  if (l->is_few && !l->is_log && add == 0) return back_few(l, r, scale, class, gx);
  for (size_t c = 0; add != 0 && c < l->n; c++) all += add * weight_of(l, c);
  back_sum(l, r, scale, all, gx);
  for (size_t c = 0; add != 0 && c < l->n; c++) gx[c] -= (real)(scale * add * weight_of(l, c));
  gx[class] -= (real)(scale * one);
}

static void back_shares(const ms_class_loss *l, size_t r, double scale, real *gx)
{
  const real *t = l->target + r * l->n;
  const double keep = 1 - l->smoothing, add = l->smoothing / (double)l->n;
  double all = 0;
  for (size_t c = 0; c < l->n; c++) all += weight_of(l, c) * (keep * (double)t[c] + add);
  back_sum(l, r, scale, all, gx);
  for (size_t c = 0; c < l->n; c++)
    gx[c] -= (real)(scale * weight_of(l, c) * (keep * (double)t[c] + add));
}

static void back_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_class_loss *l = j->l;
  for (size_t r = chunk * step_of(l); r < end_of(l, chunk); r++) {
    const double scale = j->g ? j->scale * (double)j->g[r] : j->scale;
    const size_t class = l->classes ? class_of(l, r) : 0;
    real *gx = j->out + r * l->n;
    if (!l->classes) back_shares(l, r, scale, gx);
    else if (class == l->n) memset(gx, 0, l->n * sizeof *gx);
    else back_class(l, r, scale, class, gx);
  }
}

static void back(const ms_class_loss *l, const real *g, double scale, real *gx)
{
  ms_parallel(chunks_of(l), back_piece, &(job){ .l = l, .g = g, .scale = scale, .out = gx });
}

static void back_target_piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_class_loss *l = j->l;
  for (size_t r = chunk * step_of(l); r < end_of(l, chunk); r++) {
    const real *y = l->y + r * l->n;
    const double lse = l->is_few ? log_sum(l, r) : (double)l->lse[r];
    const double scale = (1 - l->smoothing) * (j->g ? j->scale * (double)j->g[r] : j->scale);
    for (size_t c = 0; c < l->n; c++)
      j->out[r * l->n + c] = (real)(scale * weight_of(l, c) * (lse - (double)y[c]));
  }
}

static void back_target(const ms_class_loss *l, const real *g, double scale, real *gx)
{
  ms_parallel(chunks_of(l), back_target_piece,
              &(job){ .l = l, .g = g, .scale = scale, .out = gx });
}

const ms_class_losses_kernels MS_K(class_losses) = {
  .sum = sum, .each = each, .back = back, .back_target = back_target,
};
