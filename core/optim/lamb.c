/* LAMB (You et al. 2020): Adam whose step has the size of the weights, parameter by parameter. */
#include "../kernels/optim/parameters.h"
#include "optim.h"

static void update(ms_update *u)
{
  u->step.decay = (real)u->o.weight_decay;
  u->step.scale = (real)(1 / (1 - pow(u->o.beta1, u->t)));
  u->step.root = (real)(1 / sqrt(1 - pow(u->o.beta2, u->t)));
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  const double way = sqrt(ms_k_optimizer_steps()->lamb_moments(&u->step));
  const double size = sqrt(ms_k_parameters()->power_sum(u->step.p, u->step.n, 2));
  if (size > 0 && way > 0) u->step.lr = (real)(u->o.lr * size / way);
  ms_k_optimizer_steps()->lamb(&u->step);
}

/** ms.optim.lamb(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6, weight_decay = 0,
    maximize = false, groups =}) -> optimizer (You et al. 2020, algorithm 2; PyTorch has none): a
    parameter p goes along r = m / (sqrt(v) + epsilon) + weight_decay p, by lr |p| / |r|, or by lr
    where one of the norms is 0. groups and betas as ms.optim.adam says */
static const ms_optim_kind lamb = {
  .name = "lamb", .update = update, .slot = { { .name = "m" }, { .name = "v" } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.999),
             MS_OPTIM_NUMBER(epsilon, 1e-6), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(lamb)
