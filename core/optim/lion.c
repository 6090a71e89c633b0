/* Lion (Chen et al. 2023): the sign of a momentum. */
#include "optim.h"

static void update(ms_update *u)
{
  ms_update_decay(u, 1);
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  ms_k_optimizer_steps()->lion(&u->step);
}

/** ms.optim.lion(params, {lr =, beta1 = 0.9, beta2 = 0.99, weight_decay = 0, maximize = false,
    groups =}) -> optimizer (Chen et al. 2023, algorithm 2; PyTorch has none): every weight moves by
    lr, up or down; weight decay is decoupled, as in adamw. Its lr is 3 to 10 times smaller than
    Adam's. groups and betas as ms.optim.adam says */
static const ms_optim_kind lion = {
  .name = "lion", .update = update, .slot = { { .name = "m" } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.99),
             MS_OPTIM_NUMBER(weight_decay, 0), MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(lion)
