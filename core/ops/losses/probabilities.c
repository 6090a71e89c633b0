/* Losses of probabilities: labels that are there or not, and distributions. */
#include <math.h>

#include "../../base/error.h"
#include "pairs.h"

static void set_smoothing(const ms_pair_options *o, ms_pair_loss *l)
{
  l->q = (real)o->label_smoothing;
}

static int check_smoothing(const ms_call *c)
{
  const ms_pair_options *o = c->attributes;
  return ms_pair_within(c->op->name, "label_smoothing", o->label_smoothing, 0, 1);
}

static int check_bce(const ms_call *c)
{
  const ms_tensor *y = c->input[0];
  int outside = 0;
  for (size_t i = 0; i < y->count; i++) outside |= y->data[i] < 0 || y->data[i] > 1;
  if (outside)
    return ms_fail("bce: predictions are probabilities, 0..1; bce_with_logits takes any number");
  return check_smoothing(c);
}

/** ms.loss.bce(y, target, {weight =, label_smoothing = 0, reduction = "mean"}) -> mean binary
    cross-entropy of probabilities y, -(target ln y + (1 - target) ln(1 - y)), logarithms at least
    -100, with gradients to both. weight: a factor of each, stretched to y's shape. label_smoothing
    s: targets are target (1 - s) + s / 2. reduction as l1 says */
static const ms_pair_row bce = {
  MS_PAIR_OP("bce", MS_TENSOR(y), MS_TENSOR(target), MS_NAMED_OPTIONAL(weight),
             MS_PAIR_NUMBER(label_smoothing, 0), MS_PAIR_REDUCTION),
  .kind = MS_PAIR_bce, .weight = 2, .set = set_smoothing, .check = check_bce,
};
MS_OPERATOR_NAMED(bce, &bce.op)

/** ms.loss.bce_with_logits(logits, target, {weight =, pos_weight =, label_smoothing = 0,
    reduction = "mean"}) -> mean binary cross-entropy of sigmoid(logits), with gradients to both.
    weight: a factor of each; pos_weight: a factor of target's share, such as one a class; both are
    stretched to the shape of the logits. label_smoothing s: targets are target (1 - s) + s / 2.
    reduction as l1 says */
static const ms_pair_row bce_with_logits = {
  MS_PAIR_OP("bce_with_logits", MS_TENSOR(logits), MS_TENSOR(target), MS_NAMED_OPTIONAL(weight),
             MS_NAMED_OPTIONAL(pos_weight), MS_PAIR_NUMBER(label_smoothing, 0),
             MS_PAIR_REDUCTION),
  .kind = MS_PAIR_bce_with_logits, .weight = 2, .third = 3, .set = set_smoothing,
  .check = check_smoothing,
};
MS_OPERATOR_NAMED(bce_with_logits, &bce_with_logits.op)

static void set_focal(const ms_pair_options *o, ms_pair_loss *l)
{
  l->p = (real)o->gamma;
  l->q = (real)o->alpha;
}

static int check_focal(const ms_call *c)
{
  const ms_pair_options *o = c->attributes;
  if (!(o->alpha <= 1)) return ms_fail("focal: alpha must be 1 or less, got %g", o->alpha);
  return ms_pair_within("focal", "gamma", o->gamma, 0, INFINITY);
}

/** ms.loss.focal(logits, target, {alpha = 0.25, gamma = 2, reduction = "mean"}) -> mean of a
    d^gamma times the binary cross-entropy of sigmoid(logits), d: how far the probability is from
    its target; a: alpha where target is 1, 1 - alpha where it is 0; alpha = -1: 1 (Lin et al. 2017;
    torchvision's sigmoid_focal_loss, whose reduction is "none" by default). reduction as l1 says */
static const ms_pair_row focal = {
  MS_PAIR_OP("focal", MS_TENSOR(logits), MS_TENSOR(target), MS_PAIR_NUMBER(alpha, 0.25),
             MS_PAIR_NUMBER(gamma, 2), MS_PAIR_REDUCTION),
  .kind = MS_PAIR_focal, .set = set_focal, .check = check_focal,
};
MS_OPERATOR_NAMED(focal, &focal.op)

static void set_kl_div(const ms_pair_options *o, ms_pair_loss *l)
{
  l->kind = o->log_target ? MS_PAIR_kl_div_log : MS_PAIR_kl_div;
}

static const char *const reductions[] = { "mean", "sum", "none", "batchmean", NULL };

/** ms.loss.kl_div(y, target, {log_target = false, reduction = "mean"}) -> mean of target (ln target
    - y): the divergence of distributions target from y, which are log-probabilities, over all
    numbers; "batchmean" divides by the first size alone and is the one of the books. log_target:
    targets are logarithms, too. Other reductions as l1 says */
static const ms_pair_row kl_div = {
  MS_PAIR_OP("kl_div", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_FLAG(log_target, 0),
             MS_NAMED_CHOICE(ms_pair_options, reduction, reductions, MS_MEAN)),
  .kind = MS_PAIR_kl_div, .set = set_kl_div,
};
MS_OPERATOR_NAMED(kl_div, &kl_div.op)
