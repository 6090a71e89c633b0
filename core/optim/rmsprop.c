/* RMSprop (Hinton 2012), centred or with momentum, as PyTorch. */
#include "optim.h"

static void update(ms_update *u)
{
  ms_update_decay(u, 0);
  ms_update_betas(u, 0, u->o.alpha);
  u->step.momentum = (real)u->o.momentum;
  ms_k_optimizer_steps()->rmsprop(&u->step);
}

/** ms.optim.rmsprop(params, {lr =, alpha = 0.99, epsilon = 1e-8, weight_decay = 0, momentum = 0,
    centered = false, maximize = false, groups =}) -> optimizer (Hinton 2012, as PyTorch): gradients
    over the root of their running mean square; of their variance where centered. groups and eps as
    ms.optim.adam says */
static const ms_optim_kind rmsprop = {
  .name = "rmsprop", .update = update,
  .slot = { { .name = "square" }, { "velocity", MS_OPTIM_WHEN(momentum) },
            { "mean", MS_OPTIM_WHEN(centered) } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(alpha, 0.99), MS_OPTIM_NUMBER(epsilon, 1e-8),
             MS_OPTIM_NUMBER(weight_decay, 0), MS_OPTIM_SHARE(momentum, 0),
             MS_OPTIM_FLAG(centered), MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(rmsprop)
