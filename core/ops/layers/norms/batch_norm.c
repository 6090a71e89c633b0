/* Batch norm with the rectifier that follows it, in one operator.
   y = leaky(gamma (x - mean) / sqrt(variance + epsilon) + beta). The rectified sum is cheaper to
   compute again than to read, so backward keeps x alone. */
#include <math.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../base/interrupt.h"
#include "../../../base/memory.h"
#include "../../../base/share/share.h"
#include "../../../kernels/norms/norms.h"
#include "batch_norm.h"

static int check(const ms_tensor *x, ms_tensor *const *channel, int n)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (x->ndim < 2)
    return ms_fail("batch_norm: x must be batch x ... x channel, got %s",
                   ms_shape_text(x->ndim, x->dim, a));
  for (int i = 0; i < n; i++)
    if (channel[i]->ndim != 1 || channel[i]->dim[0] != x->dim[x->ndim - 1])
      return ms_fail("batch_norm: x has %zu channels but the layer has %zu (x %s, gamma %s)",
                     x->dim[x->ndim - 1], channel[i]->count, ms_shape_text(x->ndim, x->dim, a),
                     ms_shape_text(channel[i]->ndim, channel[i]->dim, b));
  if (x->count == 0)
    return ms_fail("batch_norm: nothing to normalise (x %s)", ms_shape_text(x->ndim, x->dim, a));
  return 0;
}

/* running <- momentum running + (1 - momentum) batch; the variance as of a sample */
static void follow(ms_tensor *running, const real *batch, double momentum, double factor)
{
  for (size_t c = 0; c < running->count; c++)
    running->data[c] = (real)(momentum * (double)running->data[c] +
                              (1 - momentum) * factor * (double)batch[c]);
  ms_tensor_changed(running);
}

static ms_scratch_key room_for_sums;

/* Makes mean and variance those of all shares of the batch, by sums about a centre that all of
   them know, the running mean. How many times as many rows that is; 0 and a message. */
static double share_moments(const ms_tensor *running_mean, size_t rows, real *mean, real *variance)
{
  const size_t channels = running_mean->count;
  double *sum = ms_scratch(&room_for_sums, (3 * channels + 1) * sizeof *sum);
  if (!sum) return 0;
  double *square = sum + channels, *centre = square + channels + 1, *all = square + channels;
  for (size_t c = 0; c < channels; c++) {
    centre[c] = isfinite(running_mean->data[c]) ? (double)running_mean->data[c] : 0;
    const double d = (double)mean[c] - centre[c];
    sum[c] = (double)rows * d;
    square[c] = (double)rows * ((double)variance[c] + d * d);
  }
  *all = (double)rows;
  if (ms_share_sum(sum, 2 * channels + 1) != 0) return 0;
  for (size_t c = 0; c < channels; c++) {
    const double d = sum[c] / *all, v = square[c] / *all - d * d;
    mean[c] = (real)(centre[c] + d);
    variance[c] = (real)(v < 0 ? 0 : v); /* NaN stays */
  }
  return *all / (double)rows;
}

/* Whether running statistics follow this batch here: once for each batch. */
static int follows(void)
{
  const ms_share *share = ms_share_now();
  return !ms_is_recomputing() && (!share || share->follows);
}

/* Mean and variance into stats: the batch's or the running ones. */
static int moments(const ms_call *c, const ms_batch_norm *a, ms_tensor *stats)
{
  const ms_tensor *x = c->input[0];
  ms_tensor *running_mean = c->input[3], *running_var = c->input[4];
  size_t channels = stats->dim[1], rows = x->count / channels;
  real *mean = ms_norm_row(stats, MS_NORM_MEAN), *variance = ms_norm_row(stats, MS_NORM_VARIANCE);
  double times = 1; /* the rows of the whole batch to those here */
  if (!a->training) {
    memcpy(mean, running_mean->data, channels * sizeof(real));
    memcpy(variance, running_var->data, channels * sizeof(real));
    return 0;
  }
  if (rows < 2 && !ms_share_now())
    return ms_fail("batch_norm: one value per channel has no variance; "
                   "use a larger batch or eval()");
  if (ms_k_norms()->statistics(x->data, rows, channels, mean, variance) != 0) return -1;
  if (ms_cut()) return ms_fail("interrupted"); /* running statistics follow whole batches only */
  if (ms_share_now()) times = share_moments(running_mean, rows, mean, variance);
  if (times == 0) return -1;
  *ms_norm_row(stats, MS_NORM_TIMES) = (real)times;
  if (!follows()) return 0;
  const double all = times * (double)rows;
  follow(running_mean, mean, a->momentum, 1);
  follow(running_var, variance, a->momentum, all / (all - 1));
  return 0;
}

static void scale_and_shift(ms_tensor *stats, const ms_call *c, double epsilon)
{
  const ms_tensor *gamma = c->input[1], *beta = c->input[2];
  const real *mean = ms_norm_row(stats, MS_NORM_MEAN);
  const real *variance = ms_norm_row(stats, MS_NORM_VARIANCE);
  for (size_t i = 0; i < stats->dim[1]; i++) {
    double scale = (double)gamma->data[i] / sqrt((double)variance[i] + epsilon);
    ms_norm_row(stats, MS_NORM_SCALE)[i] = (real)scale;
    ms_norm_row(stats, MS_NORM_SHIFT)[i] =
        (real)((double)beta->data[i] - scale * (double)mean[i]);
  }
}

ms_tensor *ms_norm_stats(const ms_call *c)
{
  const ms_batch_norm *a = c->attributes;
  if (check(c->input[0], c->input + 1, 4) != 0) return NULL;
  size_t dim[] = { MS_NORM_ROWS, c->input[1]->count };
  ms_tensor *stats = ms_tensor_new(2, dim);
  if (!stats || moments(c, a, stats) != 0) return ms_tensor_free(stats), NULL;
  scale_and_shift(stats, c, a->epsilon);
  return stats;
}

/* With s0 = sum gz, s1 = sum gz (x - mean), r = 1 / sqrt(variance + epsilon), n rows:
   ggamma = r s1, gbeta = s0, gx = gamma r (gz - s0/n - (x - mean) r^2 s1/n), the last two terms
   only where mean and variance came from the batch. */
ms_tensor *ms_norm_work(const ms_node *node, ms_tensor **gx)
{
  const size_t channels = ms_node_saved(node, 2)->count, dim[] = { MS_NORM_WORK, channels };
  gx[1] = ms_tensor_new(1, &channels);
  gx[2] = gx[1] ? ms_tensor_new(1, &channels) : NULL;
  return gx[2] ? ms_tensor_new(2, dim) : NULL;
}

/* s0 and s1 of the whole batch, one behind the other; NULL and a message. */
static const double *whole_sums(const ms_batch_norm *a, size_t channels, const real *s0,
                                const real *s1)
{
  double *sum = ms_scratch(&room_for_sums, 2 * channels * sizeof *sum);
  for (size_t i = 0; sum && i < channels; i++) {
    sum[i] = (double)s0[i];
    sum[channels + i] = (double)s1[i];
  }
  if (!sum || (a->training && ms_share_sum(sum, 2 * channels) != 0)) return NULL;
  return sum;
}

int ms_norm_coefficients(const ms_node *node, ms_tensor **gx, ms_tensor *work)
{
  const ms_batch_norm *a = ms_node_attributes(node);
  const ms_tensor *x = ms_node_saved(node, 0), *stats = ms_node_saved(node, 1);
  const real *s1 = ms_norm_row(work, MS_NORM_S1);
  const size_t channels = gx[1]->count, rows = x->count / channels;
  const double *sum = whole_sums(a, channels, gx[2]->data, s1);
  if (!sum) return -1;
  const double times = a->training ? (double)*ms_norm_row(stats, MS_NORM_TIMES) : 1;
  const double n = times * (double)rows;
  for (size_t i = 0; i < channels; i++) {
    double r = 1 / sqrt((double)ms_norm_row(stats, MS_NORM_VARIANCE)[i] + a->epsilon);
    double scale = (double)ms_norm_row(stats, MS_NORM_SCALE)[i];
    gx[1]->data[i] = (real)(r * (double)s1[i]);
    ms_norm_row(work, MS_NORM_A)[i] = (real)scale;
    ms_norm_row(work, MS_NORM_B)[i] = (real)(-scale * r * r * sum[channels + i] / n);
    ms_norm_row(work, MS_NORM_C)[i] = (real)(-scale * sum[i] / n);
  }
  return 0;
}

ms_affine_relu ms_norm_folded(const ms_tensor *stats, const ms_batch_norm *a)
{
  return (ms_affine_relu){ ms_norm_row(stats, MS_NORM_SCALE), ms_norm_row(stats, MS_NORM_SHIFT),
                           (real)a->slope };
}

const real *ms_norm_following(const ms_node *node, const ms_tensor *work, int row)
{
  const ms_batch_norm *a = ms_node_attributes(node);
  return a->training ? ms_norm_row(work, row) : NULL;
}

int ms_norm_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *stats = ms_node_saved(node, 1),
      *work = ms_norm_work(node, gx);
  const ms_affine_relu f = ms_norm_folded(stats, ms_node_attributes(node));
  const real *mean = ms_norm_row(stats, MS_NORM_MEAN);
  const size_t channels = stats->dim[1], rows = x->count / channels;
  if (!work) return -1;
  int status = ms_k_norms()->back_sums(x->data, gy->data, rows, channels, &f, mean,
                                       gx[2]->data, ms_norm_row(work, MS_NORM_S1));
  if (status == 0) status = ms_norm_coefficients(node, gx, work);
  if (status == 0 && ms_needs_input_grad(node, 0)) {
    gx[0] = ms_tensor_alone(gy) ? ms_tensor_ref(gy) : ms_tensor_like(x);
    status = !gx[0] ? -1
                    : ms_k_norms()->back_apply(x->data, gy->data, rows, channels, &f, mean,
                                               ms_norm_row(work, MS_NORM_A),
                                               ms_norm_following(node, work, MS_NORM_B),
                                               ms_norm_following(node, work, MS_NORM_C),
                                               gx[0]->data);
  }
  ms_tensor_free(work);
  return status;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  ms_tensor *stats = ms_norm_stats(c), *y = stats ? ms_tensor_like(x) : NULL;
  if (y) {
    const ms_affine_relu f = ms_norm_folded(stats, c->attributes);
    const size_t channels = stats->dim[1];
    if (ms_k_norms()->apply(x->data, x->count / channels, channels, &f, y->data) != 0) {
      ms_tensor_free(y);
      y = NULL;
    }
  }
  y = ms_record(c, y, 3, (ms_tensor *[]){ c->input[0], stats, c->input[1] });
  ms_tensor_free(stats);
  return y;
}

/** x:batch_norm{weight =, bias =, running_mean =, running_var =, training = false, slope = 1,
    epsilon = 1e-3, momentum = 0.99} -> x normalised over all dimensions but the last by the running
    statistics, or, training, by its own, which move the running ones on; times weight, plus bias;
    then leaky ReLU with that slope */
static const ms_op batch_norm_op = {
  .name = "batch_norm", .forward = forward, .backward = ms_norm_backward,
  .attributes = MS_ATTRIBUTES(ms_batch_norm),
  .takes = { MS_TENSOR(x), MS_BATCH_NORM },
};
MS_OPERATOR(batch_norm_op)
