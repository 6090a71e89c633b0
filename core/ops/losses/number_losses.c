/* Losses of numbers: how far a prediction is from its target. */
#include <math.h>

#include "../../base/error.h"
#include "pairs.h"

/** ms.loss.l1(y, target, {reduction = "mean"}) -> mean of |y - target|, with gradients to both; or
    their "sum"; or "none": a tensor of all of them. The shapes are equal, as in all such losses */
static const ms_pair_row l1 = {
  MS_PAIR_OP("l1", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_REDUCTION), .kind = MS_PAIR_l1,
};
MS_OPERATOR_NAMED(l1, &l1.op)

/** ms.loss.mse(y, target, {reduction = "mean"}) -> mean of (y - target)^2, with gradients to both;
    reduction as l1 says */
static const ms_pair_row mse = {
  MS_PAIR_OP("mse", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_REDUCTION), .kind = MS_PAIR_mse,
};
MS_OPERATOR_NAMED(mse, &mse.op)

static void set_huber(const ms_pair_options *o, ms_pair_loss *l) { l->p = (real)o->delta; }

static int check_huber(const ms_call *c)
{
  const ms_pair_options *o = c->attributes;
  return o->delta > 0 ? 0 : ms_fail("huber: delta must be above 0, got %g", o->delta);
}

/** ms.loss.huber(y, target, {delta = 1, reduction = "mean"}) -> mean of d^2 / 2 where d = |y -
    target| is at most delta, of delta (d - delta / 2) beyond; reduction as l1 says */
static const ms_pair_row huber = {
  MS_PAIR_OP("huber", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_NUMBER(delta, 1),
             MS_PAIR_REDUCTION),
  .kind = MS_PAIR_huber, .set = set_huber, .check = check_huber,
};
MS_OPERATOR_NAMED(huber, &huber.op)

/* ---- sides ----------------------------------------------------------------------------------- */
static void set_margin(const ms_pair_options *o, ms_pair_loss *l) { l->p = (real)o->margin; }

/** ms.loss.hinge(y, target, {margin = 1, reduction = "mean"}) -> mean of max(0, margin - target
    y); targets are 1 and -1. As in Keras and scikit-learn: PyTorch's hinge_embedding_loss is of
    distances. reduction as l1 says */
static const ms_pair_row hinge = {
  MS_PAIR_OP("hinge", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_NUMBER(margin, 1),
             MS_PAIR_REDUCTION),
  .kind = MS_PAIR_hinge, .set = set_margin,
};
MS_OPERATOR_NAMED(hinge, &hinge.op)

/** ms.loss.margin(y, z, side, {margin = 0, reduction = "mean"}) -> mean of max(0, margin - side
    (y - z)): where side is 1, y is to be the larger, where it is -1, z (PyTorch's
    margin_ranking_loss). side: 1 and -1, of their shape or stretched to it; reduction as l1 says */
static const ms_pair_row margin = {
  MS_PAIR_OP("margin", MS_TENSOR(y), MS_TENSOR(z), MS_OPERAND(side), MS_PAIR_NUMBER(margin, 0),
             MS_PAIR_REDUCTION),
  .kind = MS_PAIR_margin, .third = 2, .set = set_margin,
};
MS_OPERATOR_NAMED(margin, &margin.op)

/* ---- likelihoods ----------------------------------------------------------------------------- */
static void set_gaussian(const ms_pair_options *o, ms_pair_loss *l)
{
  l->p = (real)o->eps;
  l->q = o->full ? (real)0.918938533204672742 : 0; /* ln(2 pi) / 2 */
}

static int check_gaussian(const ms_call *c)
{
  const ms_pair_options *o = c->attributes;
  const ms_tensor *v = c->input[2];
  if (!(o->eps > 0)) return ms_fail("gaussian_nll: eps must be above 0, got %g", o->eps);
  for (size_t i = 0; i < v->count; i++)
    if (v->data[i] < 0)
      return ms_fail("gaussian_nll: a variance is 0 or more, got %g", (double)v->data[i]);
  return 0;
}

/** ms.loss.gaussian_nll(y, target, variance, {full = false, eps = 1e-6, reduction = "mean"}) ->
    mean of (ln v + (y - target)^2 / v) / 2, v the variance or eps where that is larger, with
    gradients to all three; full adds ln(2 pi) / 2. variance: of y's shape, stretched to it, a
    number, or without y's last dimension; reduction as l1 says */
static const ms_pair_row gaussian_nll = {
  MS_PAIR_OP("gaussian_nll", MS_TENSOR(y), MS_TENSOR(target), MS_OPERAND(variance),
             MS_PAIR_FLAG(full, 0), MS_PAIR_NUMBER(eps, 1e-6), MS_PAIR_REDUCTION),
  .kind = MS_PAIR_gaussian_nll, .third = 2, .variance = 1, .set = set_gaussian,
  .check = check_gaussian,
};
MS_OPERATOR_NAMED(gaussian_nll, &gaussian_nll.op)

static void set_poisson(const ms_pair_options *o, ms_pair_loss *l)
{
  l->kind = o->log_input ? MS_PAIR_poisson_log : MS_PAIR_poisson;
  l->p = (real)o->eps;
  l->q = (real)o->full;
}

static int check_poisson(const ms_call *c)
{
  const ms_pair_options *o = c->attributes;
  return o->eps > 0 ? 0 : ms_fail("poisson: eps must be above 0, got %g", o->eps);
}

/** ms.loss.poisson(y, target, {log_input = true, full = false, eps = 1e-8, reduction = "mean"}) ->
    mean of e^y - target y, y the logarithm of a rate; of y - target ln(y + eps) where log_input is
    false. full adds Stirling's approximation of ln(target!) where target is above 1. As PyTorch's
    poisson_nll_loss; reduction as l1 says */
static const ms_pair_row poisson = {
  MS_PAIR_OP("poisson", MS_TENSOR(y), MS_TENSOR(target), MS_PAIR_FLAG(log_input, 1),
             MS_PAIR_FLAG(full, 0), MS_PAIR_NUMBER(eps, 1e-8), MS_PAIR_REDUCTION),
  .kind = MS_PAIR_poisson_log, .set = set_poisson, .check = check_poisson,
};
MS_OPERATOR_NAMED(poisson, &poisson.op)
