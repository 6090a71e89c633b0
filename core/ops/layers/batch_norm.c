/* Batch norm with the rectifier that follows it, in one operator.
   y = leaky(gamma (x - mean) / sqrt(variance + epsilon) + beta). The rectified sum is cheaper to
   compute again than to read, so backward keeps x alone. */
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../kernels/norms/norms.h"
#include "batch_norm.h"

static int check(const ms_tensor *x, const ms_tensor *const *channel, int n)
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

/* Mean and variance into facts: the batch's or the running ones. */
static int moments(const ms_tensor *x, const ms_norm *norm, ms_tensor *facts)
{
  size_t channels = facts->dim[1], rows = x->count / channels;
  real *mean = ms_norm_fact(facts, MS_NORM_MEAN), *variance = ms_norm_fact(facts, MS_NORM_VARIANCE);
  if (!norm->o.training) {
    memcpy(mean, norm->running_mean->data, channels * sizeof(real));
    memcpy(variance, norm->running_var->data, channels * sizeof(real));
    return 0;
  }
  if (rows < 2)
    return ms_fail("batch_norm: one value per channel has no variance; "
                   "use a larger batch or eval()");
  if (ms_k_norms()->statistics(x->data, rows, channels, mean, variance) != 0) return -1;
  if (ms_cut()) return ms_fail("interrupted"); /* running statistics follow whole batches only */
  if (ms_computing_again()) return 0;
  follow(norm->running_mean, mean, norm->o.momentum, 1);
  follow(norm->running_var, variance, norm->o.momentum, (double)rows / (double)(rows - 1));
  return 0;
}

static void scale_and_shift(ms_tensor *facts, const ms_norm *norm)
{
  const real *mean = ms_norm_fact(facts, MS_NORM_MEAN);
  const real *variance = ms_norm_fact(facts, MS_NORM_VARIANCE);
  for (size_t c = 0; c < facts->dim[1]; c++) {
    double scale = (double)norm->gamma->data[c] / sqrt((double)variance[c] + norm->o.epsilon);
    ms_norm_fact(facts, MS_NORM_SCALE)[c] = (real)scale;
    ms_norm_fact(facts, MS_NORM_SHIFT)[c] =
        (real)((double)norm->beta->data[c] - scale * (double)mean[c]);
  }
}

ms_tensor *ms_norm_facts(const ms_tensor *x, const ms_norm *norm)
{
  const ms_tensor *channel[] = { norm->gamma, norm->beta, norm->running_mean, norm->running_var };
  if (check(x, channel, 4) != 0) return NULL;
  size_t dim[] = { MS_NORM_ROWS, norm->gamma->count };
  ms_tensor *facts = ms_tensor_new(2, dim);
  if (!facts || moments(x, norm, facts) != 0) return ms_tensor_free(facts), NULL;
  scale_and_shift(facts, norm);
  return facts;
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

void ms_norm_coefficients(const ms_node *node, ms_tensor **gx, ms_tensor *work)
{
  const ms_batch_norm_options *o = ms_node_args(node);
  const ms_tensor *x = ms_node_saved(node, 0), *facts = ms_node_saved(node, 1);
  const real *s0 = gx[2]->data, *s1 = ms_norm_fact(work, MS_NORM_S1);
  const double n = (double)(x->count / gx[1]->count);
  for (size_t i = 0; i < gx[1]->count; i++) {
    double r = 1 / sqrt((double)ms_norm_fact(facts, MS_NORM_VARIANCE)[i] + o->epsilon);
    double scale = (double)ms_norm_fact(facts, MS_NORM_SCALE)[i];
    gx[1]->data[i] = (real)(r * (double)s1[i]);
    ms_norm_fact(work, MS_NORM_A)[i] = (real)scale;
    ms_norm_fact(work, MS_NORM_B)[i] = (real)(-scale * r * r * (double)s1[i] / n);
    ms_norm_fact(work, MS_NORM_C)[i] = (real)(-scale * (double)s0[i] / n);
  }
}

const real *ms_norm_following(const ms_node *node, const ms_tensor *work, int row)
{
  const ms_batch_norm_options *o = ms_node_args(node);
  return o->training ? ms_norm_fact(work, row) : NULL;
}

int ms_norm_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(node, 0), *facts = ms_node_saved(node, 1),
      *work = ms_norm_work(node, gx);
  const real *scale = ms_norm_fact(facts, MS_NORM_SCALE),
      *shift = ms_norm_fact(facts, MS_NORM_SHIFT);
  const ms_batch_norm_options *o = ms_node_args(node);
  const real *mean = ms_norm_fact(facts, MS_NORM_MEAN), slope = (real)o->slope;
  const size_t channels = facts->dim[1], rows = x->count / channels;
  if (!work) return -1;
  int status = ms_k_norms()->back_sums(x->data, gy->data, rows, channels, scale, shift, mean, slope,
                                       gx[2]->data, ms_norm_fact(work, MS_NORM_S1));
  if (status == 0) ms_norm_coefficients(node, gx, work);
  if (status == 0 && ms_node_wants(node, 0)) {
    gx[0] = ms_tensor_alone(gy) ? ms_tensor_ref(gy) : ms_tensor_like(x);
    status = !gx[0] ? -1
                    : ms_k_norms()->back_apply(x->data, gy->data, rows, channels, scale, shift,
                                               mean, slope, ms_norm_fact(work, MS_NORM_A),
                                               ms_norm_following(node, work, MS_NORM_B),
                                               ms_norm_following(node, work, MS_NORM_C),
                                               gx[0]->data);
  }
  ms_tensor_free(work);
  return status;
}

static const ms_op batch_norm_op = {
  .name = "batch_norm", .backward = ms_norm_backward, .args = sizeof(ms_batch_norm_options)
};

ms_tensor *ms_batch_norm(ms_tensor *x, const ms_norm *norm)
{
  ms_tensor *facts = ms_norm_facts(x, norm), *y = facts ? ms_tensor_like(x) : NULL;
  const size_t channels = norm->gamma->count;
  if (y && ms_k_norms()->apply(x->data, x->count / channels, channels,
                               ms_norm_fact(facts, MS_NORM_SCALE),
                               ms_norm_fact(facts, MS_NORM_SHIFT), (real)norm->o.slope,
                               y->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  if (y) {
    ms_tensor *input[] = { x, norm->gamma, norm->beta }, *save[] = { x, facts, norm->gamma };
    y = ms_record(y, &batch_norm_op, 3, input, 3, save, &norm->o);
  }
  ms_tensor_free(facts);
  return y;
}
