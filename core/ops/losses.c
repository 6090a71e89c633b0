/* Losses: means over everything, one number, with gradients to both sides. Classes, whole numbers,
   have none. */
#include <math.h>

#include "../base/error.h"
#include "../kernels/reductions.h"
#include "operator.h"
#include "ops.h"

static int check(const char *name, const ms_tensor *y, const ms_tensor *target)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (!ms_tensor_same_shape(y, target))
    return ms_fail("%s: the prediction is %s but the target is %s", name,
                   ms_shape_text(y->ndim, y->dim, a), ms_shape_text(target->ndim, target->dim, b));
  return y->count ? 0 : ms_fail("%s: of no numbers", name);
}

/* The number `value`, with y and target kept for the operator's backward. */
static ms_tensor *finish(double value, const ms_op *op, ms_tensor *y, ms_tensor *target)
{
  ms_tensor *loss = ms_tensor_number(value), *both[] = { y, target };
  return loss ? ms_record(loss, op, 2, both, 2, both, NULL) : NULL;
}

/* Of every y[i] and t[i]: gx[0] = gy slope(y, t) / count where y wants it, gx[1] = gy
   target_slope(y, t) / count where the target does. */
#define ONE_SIDE(side, slope)                                                             \
  if (ms_node_wants(n, side)) {                                                           \
    gx[side] = ms_tensor_like(ys);                                                        \
    if (!gx[side]) return -1;                                                             \
    for (size_t i = 0; i < ys->count; i++) {                                              \
      real y = ys->data[i], t = ts->data[i];                                              \
      (void)t;                                                                            \
      gx[side]->data[i] = scale * (slope);                                                \
    }                                                                                     \
  }

#define EACH_BACKWARD(loss, slope, target_slope)                                          \
  static int loss##_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)             \
  {                                                                                       \
    const ms_tensor *ys = ms_node_saved(n, 0), *ts = ms_node_saved(n, 1);                 \
    const real scale = gy->data[0] / (real)ys->count;                                     \
    ONE_SIDE(0, slope)                                                                    \
    ONE_SIDE(1, target_slope)                                                             \
    return 0;                                                                             \
  }                                                                                       \
  static const ms_op loss##_op = { .name = #loss, .backward = loss##_backward };

#define SIGN(a, b) ((a) > (b) ? (real)1 : (a) < (b) ? (real)-1 : (real)0)

EACH_BACKWARD(l1_loss, SIGN(y, t), SIGN(t, y))
EACH_BACKWARD(mse_loss, 2 * (y - t), 2 * (t - y))
EACH_BACKWARD(bce_with_logits, (real)(1 / (1 + exp(-(double)y))) - t, -y)

ms_tensor *ms_l1_loss(ms_tensor *y, ms_tensor *target)
{
  if (check("l1_loss", y, target) != 0) return NULL;
  double sum = ms_k_reductions()->sum_abs_difference(y->data, target->data, y->count);
  return finish(sum / (double)y->count, &l1_loss_op, y, target);
}

ms_tensor *ms_mse_loss(ms_tensor *y, ms_tensor *target)
{
  if (check("mse_loss", y, target) != 0) return NULL;
  double sum = ms_k_reductions()->sum_square_difference(y->data, target->data, y->count);
  return finish(sum / (double)y->count, &mse_loss_op, y, target);
}

/* max(y, 0) - y t + log(1 + exp(-|y|)): never overflows. Of an infinite y as PyTorch, which adds
   infinities of both signs: infinite where y is above 0 and t below 1, else NaN. */
static double bce(double y, double t)
{
  if (isinf(y)) return y > 0 ? (1 - t) * y : NAN;
  return (y > 0 ? y : 0) - y * t + log1p(exp(-fabs(y)));
}

ms_tensor *ms_bce_with_logits(ms_tensor *logits, ms_tensor *target)
{
  if (check("bce_with_logits", logits, target) != 0) return NULL;
  double sum = 0;
  for (size_t i = 0; i < logits->count; i++)
    sum += bce((double)logits->data[i], (double)target->data[i]);
  return finish(sum / (double)logits->count, &bce_with_logits_op, logits, target);
}

/* ---- cross-entropy of a softmax over the last dimension -------------------------------- */
/* log of the sum of exponentials of one row, and its largest number */
static double log_sum(const real *y, size_t n)
{
  double top = (double)y[0], sum = 0;
  for (size_t i = 1; i < n; i++) top = (double)y[i] > top ? (double)y[i] : top;
  for (size_t i = 0; i < n; i++) sum += exp((double)y[i] - top);
  return top + log(sum);
}

static int cross_entropy_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *ys = ms_node_saved(node, 0), *ts = ms_node_saved(node, 1);
  size_t rows = ys->dim[0], n = ys->dim[1];
  gx[0] = ms_tensor_like(ys);
  if (!gx[0]) return -1;
  for (size_t r = 0; r < rows; r++) {
    const real *y = ys->data + r * n;
    double total = log_sum(y, n), scale = (double)gy->data[0] / (double)rows;
    for (size_t i = 0; i < n; i++) {
      double hit = i + 1 == (size_t)ts->data[r];
      gx[0]->data[r * n + i] = (real)(scale * (exp((double)y[i] - total) - hit));
    }
  }
  return 0;
}

static const ms_op cross_entropy_op =
    { .name = "cross_entropy", .backward = cross_entropy_backward };

ms_tensor *ms_cross_entropy(ms_tensor *logits, ms_tensor *target)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (logits->ndim != 2 || target->ndim != 1 || logits->dim[0] != target->dim[0] || !logits->count)
    return ms_fail("cross_entropy: logits must be batch x class and classes batch, got %s and %s",
                   ms_shape_text(logits->ndim, logits->dim, a),
                   ms_shape_text(target->ndim, target->dim, b)), NULL;
  if (ms_recording(1, &target))
    return ms_fail("cross_entropy: the classes are whole numbers and have no gradient; "
                   "give it target:detach()"), NULL;
  size_t rows = logits->dim[0], n = logits->dim[1];
  double sum = 0;
  for (size_t r = 0; r < rows; r++) {
    double class = (double)target->data[r];
    if (!(class >= 1 && class <= (double)n && class == floor(class)))
      return ms_fail("cross_entropy: class %g is not one of 1..%zu", class, n), NULL;
    sum += log_sum(logits->data + r * n, n) - (double)logits->data[r * n + (size_t)class - 1];
  }
  return finish(sum / (double)rows, &cross_entropy_op, logits, target);
}

/* ---- declarations ------------------------------------------------------------------------- */
#define LOSS(name, function)                                                              \
  static ms_tensor *call_##name(const ms_arg *a) { return function(a[0].tensor, a[1].tensor); }

LOSS(l1, ms_l1_loss)
/** ms.loss.l1(y, target) -> mean of |y - target|, with gradients to both */
MS_FUNCTION(loss, l1, call_l1, MS_TENSOR("y"), MS_TENSOR("target"))

LOSS(mse, ms_mse_loss)
/** ms.loss.mse(y, target) -> mean of (y - target)^2, with gradients to both */
MS_FUNCTION(loss, mse, call_mse, MS_TENSOR("y"), MS_TENSOR("target"))

LOSS(bce_with_logits, ms_bce_with_logits)
/** ms.loss.bce_with_logits(logits, target) -> mean binary cross-entropy of sigmoid(logits), with
    gradients to both */
MS_FUNCTION(loss, bce_with_logits, call_bce_with_logits, MS_TENSOR("logits"), MS_TENSOR("target"))

LOSS(cross_entropy, ms_cross_entropy)
/** ms.loss.cross_entropy(logits, classes) -> mean cross-entropy; classes from 1, which may need no
    gradient */
MS_FUNCTION(loss, cross_entropy, call_cross_entropy, MS_TENSOR("logits"), MS_TENSOR("classes"))
