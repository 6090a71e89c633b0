/* Adam (Kingma & Ba 2015), and with decoupled weight decay (Loshchilov & Hutter 2019). Epsilon is
   outside the root, as PyTorch and Keras have it. */
#include "optim.h"

static void step(ms_update *u)
{
  u->step.lr = (real)(u->o.lr / (1 - pow(u->o.beta1, u->t)));
  u->step.root = (real)(1 / sqrt(1 - pow(u->o.beta2, u->t)));
  ms_k_optimizer_steps()->adam(&u->step);
}

/* Betas are rounded before they are subtracted from 1, so that results of earlier versions stay to
   the bit: in floats v is 1.3e-5 of itself less than PyTorch's. */
static void adam_update(ms_update *u)
{
  ms_update_decay(u, 0);
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  u->step.new1 = 1 - u->step.beta1;
  u->step.new2 = 1 - u->step.beta2;
  step(u);
}

/** ms.optim.adam(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weight_decay = 0,
    amsgrad = false, maximize = false, groups =}) -> optimizer (Kingma & Ba 2015; Keras' epsilon,
    PyTorch's is 1e-8) over m:parameters(), as they are now: layers that are put in place of others
    later need a new one. A parameter that the list holds twice is one. weight_decay is added to
    the gradient. PyTorch's names are taken, too: betas = {beta1, beta2}, eps. groups: options of
    some parameters alone, by Lua patterns of their names, the first that fits:
    groups = { { match = "bias", weight_decay = 0 }, { match = {"^tail%.", "^head"}, lr = 1e-4 } }.
    Options are read and set as fields (opt.lr = 1e-4); setting lr keeps the ratio of the groups'
    own to it. All optimizers have groups, maximize (goes up) and such fields */
static const ms_optim_kind adam = {
  .name = "adam", .update = adam_update,
  .slot = { { .name = "m" }, { .name = "v" }, { "max", MS_OPTIM_WHEN(amsgrad) } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.999),
             MS_OPTIM_NUMBER(epsilon, 1e-7), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_FLAG(amsgrad), MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(adam)

static void adamw_update(ms_update *u)
{
  ms_update_decay(u, 1);
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  step(u);
}

/** ms.optim.adamw(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.01,
    amsgrad = false, maximize = false, groups =}) -> optimizer (Loshchilov & Hutter 2019, as
    PyTorch): Adam that multiplies weights by 1 - lr weight_decay beside its step. groups and betas
    as ms.optim.adam says */
static const ms_optim_kind adamw = {
  .name = "adamw", .update = adamw_update,
  .slot = { { .name = "m" }, { .name = "v" }, { "max", MS_OPTIM_WHEN(amsgrad) } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.999),
             MS_OPTIM_NUMBER(epsilon, 1e-8), MS_OPTIM_NUMBER(weight_decay, 0.01),
             MS_OPTIM_FLAG(amsgrad), MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(adamw)
