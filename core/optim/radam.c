/* Adam that rectifies the variance of its first steps (Liu et al. 2020), as PyTorch. */
#include "optim.h"

/* What the step is multiplied by; 0 where the variance is not tractable yet. */
static double rectification(double beta2, double t)
{
  const double most = 2 / (1 - beta2) - 1;
  const double now = most - 2 * t * pow(beta2, t) / (1 - pow(beta2, t));
  if (now <= 5) return 0;
  return sqrt((now - 4) * (now - 2) * most / ((most - 4) * (most - 2) * now));
}

static void update(ms_update *u)
{
  const double lr = u->o.lr / (1 - pow(u->o.beta1, u->t));
  const double factor = rectification(u->o.beta2, u->t);
  ms_update_decay(u, u->o.decoupled_weight_decay != 0);
  u->step.plain = factor == 0;
  u->step.lr = (real)(factor == 0 ? lr : lr * factor * sqrt(1 - pow(u->o.beta2, u->t)));
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  ms_k_optimizer_steps()->radam(&u->step);
}

/** ms.optim.radam(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0,
    decoupled_weight_decay = false, maximize = false, groups =}) -> optimizer (Liu et al. 2020, as
    PyTorch): Adam whose first steps go without the second moment. groups and betas as
    ms.optim.adam says */
static const ms_optim_kind radam = {
  .name = "radam", .update = update, .slot = { { .name = "m" }, { .name = "v" } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.999),
             MS_OPTIM_NUMBER(epsilon, 1e-8), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_FLAG(decoupled_weight_decay), MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(radam)
