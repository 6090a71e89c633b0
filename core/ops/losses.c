/* Losses: means over everything, one number, with gradients to both sides. Classes, whole numbers,
   have none. */
#include <math.h>

#include "../base/error.h"
#include "../kernels/reductions.h"
#include "ops.h"

static int check(const char *name, const ms_tensor *y, const ms_tensor *target)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (!ms_tensor_same_shape(y, target))
    return ms_fail("%s: the prediction is %s but the target is %s", name,
                   ms_shape_text(y->ndim, y->dim, a), ms_shape_text(target->ndim, target->dim, b));
  return y->count ? 0 : ms_fail("%s: the tensors are empty", name);
}

/* The scalar `value`, with both inputs kept for backward. */
static ms_tensor *finish(double value, const ms_call *c)
{
  return ms_record(c, ms_tensor_number(value), 2, c->input);
}

/* Of every y[i] and t[i]: gx[0] = gy slope(y, t) / count where y needs it, gx[1] = gy
   target_slope(y, t) / count where the target does. */
#define ONE_SIDE(side, slope)                                                             \
  if (ms_needs_input_grad(n, side)) {                                                           \
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
  }

#define SIGN(a, b) ((a) > (b) ? (real)1 : (a) < (b) ? (real)-1 : (real)0)

EACH_BACKWARD(l1, SIGN(y, t), SIGN(t, y))
EACH_BACKWARD(mse, 2 * (y - t), 2 * (t - y))
EACH_BACKWARD(bce_with_logits, (real)(1 / (1 + exp(-(double)y))) - t, -y)

static ms_tensor *l1(const ms_call *c)
{
  const ms_tensor *y = c->input[0], *target = c->input[1];
  if (check("l1", y, target) != 0) return NULL;
  double sum = ms_k_reductions()->sum_abs_difference(y->data, target->data, y->count);
  return finish(sum / (double)y->count, c);
}

/** ms.loss.l1(y, target) -> mean of |y - target|, with gradients to both */
static const ms_op l1_op = {
  .name = "l1", .library = "loss", .forward = l1, .backward = l1_backward,
  .takes = { MS_TENSOR(y), MS_TENSOR(target) },
};
MS_OPERATOR(l1_op)

static ms_tensor *mse(const ms_call *c)
{
  const ms_tensor *y = c->input[0], *target = c->input[1];
  if (check("mse", y, target) != 0) return NULL;
  double sum = ms_k_reductions()->sum_square_difference(y->data, target->data, y->count);
  return finish(sum / (double)y->count, c);
}

/** ms.loss.mse(y, target) -> mean of (y - target)^2, with gradients to both */
static const ms_op mse_op = {
  .name = "mse", .library = "loss", .forward = mse, .backward = mse_backward,
  .takes = { MS_TENSOR(y), MS_TENSOR(target) },
};
MS_OPERATOR(mse_op)

/* max(y, 0) - y t + log(1 + exp(-|y|)): never overflows. Of an infinite y as PyTorch, which adds
   infinities of both signs: infinite where y is above 0 and t below 1, else NaN. */
static double bce(double y, double t)
{
  if (isinf(y)) return y > 0 ? (1 - t) * y : NAN;
  return (y > 0 ? y : 0) - y * t + log1p(exp(-fabs(y)));
}

static ms_tensor *bce_with_logits(const ms_call *c)
{
  const ms_tensor *logits = c->input[0], *target = c->input[1];
  if (check("bce_with_logits", logits, target) != 0) return NULL;
  double sum = 0;
  for (size_t i = 0; i < logits->count; i++)
    sum += bce((double)logits->data[i], (double)target->data[i]);
  return finish(sum / (double)logits->count, c);
}

/** ms.loss.bce_with_logits(logits, target) -> mean binary cross-entropy of sigmoid(logits), with
    gradients to both */
static const ms_op bce_with_logits_op = {
  .name = "bce_with_logits", .library = "loss", .forward = bce_with_logits,
  .backward = bce_with_logits_backward, .takes = { MS_TENSOR(logits), MS_TENSOR(target) },
};
MS_OPERATOR(bce_with_logits_op)

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

static ms_tensor *cross_entropy(const ms_call *c)
{
  const ms_tensor *logits = c->input[0], *target = c->input[1];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (logits->ndim != 2 || target->ndim != 1 || logits->dim[0] != target->dim[0] || !logits->count)
    return ms_fail("cross_entropy: logits must be batch x class and classes batch, got %s and %s",
                   ms_shape_text(logits->ndim, logits->dim, a),
                   ms_shape_text(target->ndim, target->dim, b)), NULL;
  if (ms_recording(1, &c->input[1]))
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
  return finish(sum / (double)rows, c);
}

/** ms.loss.cross_entropy(logits, classes) -> mean cross-entropy; classes from 1, which may need no
    gradient */
static const ms_op cross_entropy_op = {
  .name = "cross_entropy", .library = "loss", .forward = cross_entropy,
  .backward = cross_entropy_backward, .takes = { MS_TENSOR(logits), MS_TENSOR(classes) },
};
MS_OPERATOR(cross_entropy_op)
