/* Adam with Nesterov's momentum (Dozat 2016), as PyTorch. */
#include "optim.h"

static double momentum_at(const ms_optim_values *o, double t)
{
  return o->beta1 * (1 - 0.5 * pow(0.96, t * o->momentum_decay));
}

/* The product of all momenta up to step t: from the one before, or after opt:load anew. */
static double product(const ms_update *u)
{
  const uint64_t t = (uint64_t)u->t;
  if (*u->memo_at == t) return *u->memo;
  if (t == 1 || *u->memo_at + 1 != t) {
    *u->memo = 1;
    for (uint64_t k = 1; k < t; k++) *u->memo *= momentum_at(&u->o, (double)k);
  }
  *u->memo *= momentum_at(&u->o, u->t);
  *u->memo_at = t;
  return *u->memo;
}

static void update(ms_update *u)
{
  const double now = momentum_at(&u->o, u->t), next = momentum_at(&u->o, u->t + 1);
  const double all = product(u);
  ms_update_decay(u, u->o.decoupled_weight_decay != 0);
  u->step.lr = (real)(u->o.lr * next / (1 - all * next));
  u->step.gradient_lr = (real)(u->o.lr * (1 - now) / (1 - all));
  u->step.root = (real)(1 / sqrt(1 - pow(u->o.beta2, u->t)));
  ms_update_betas(u, u->o.beta1, u->o.beta2);
  ms_k_optimizer_steps()->nadam(&u->step);
}

/** ms.optim.nadam(params, {lr =, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0,
    momentum_decay = 0.004, decoupled_weight_decay = false, maximize = false, groups =}) ->
    optimizer (Dozat 2016, as PyTorch): Adam with Nesterov's momentum. groups and betas as
    ms.optim.adam says */
static const ms_optim_kind nadam = {
  .name = "nadam", .update = update, .slot = { { .name = "m" }, { .name = "v" } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(beta1, 0.9), MS_OPTIM_SHARE(beta2, 0.999),
             MS_OPTIM_NUMBER(epsilon, 1e-8), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_NUMBER(momentum_decay, 4e-3), MS_OPTIM_FLAG(decoupled_weight_decay),
             MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(nadam)
