/* Adagrad (Duchi et al. 2011), as PyTorch. */
#include "optim.h"

static void update(ms_update *u)
{
  ms_update_decay(u, 0);
  u->step.lr = (real)(u->o.lr / (1 + (u->t - 1) * u->o.lr_decay));
  ms_k_optimizer_steps()->adagrad(&u->step);
}

/** ms.optim.adagrad(params, {lr =, lr_decay = 0, weight_decay = 0, initial_accumulator_value = 0,
    epsilon = 1e-10, maximize = false, groups =}) -> optimizer (Duchi et al. 2011, as PyTorch):
    gradients over the root of the sum of their squares so far. groups and eps as ms.optim.adam
    says */
static const ms_optim_kind adagrad = {
  .name = "adagrad", .update = update, .slot = { { .name = "sum" } },
  .starts_at = offsetof(ms_optim_values, initial_accumulator_value),
  .takes = { MS_OPTIM_LR, MS_OPTIM_NUMBER(lr_decay, 0), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_NUMBER(initial_accumulator_value, 0), MS_OPTIM_NUMBER(epsilon, 1e-10),
             MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(adagrad)
