/* Stochastic gradient descent with momentum, Nesterov's or plain, and weight decay. */
#include "optim.h"

static void update(ms_update *u)
{
  ms_update_decay(u, 0);
  u->step.momentum = (real)u->o.momentum;
  u->step.keep = u->t > 1 ? (real)(1 - u->o.dampening) : 1; /* the first velocity is the gradient */
  u->step.nesterov = u->o.nesterov != 0;
  if (u->o.momentum == 0) u->step.slot[0] = NULL;
  ms_k_optimizer_steps()->sgd(&u->step);
}

static const char *wrong(const ms_optim_values *o)
{
  const int fits = !o->nesterov || (o->momentum > 0 && o->dampening == 0);
  return fits ? NULL : "nesterov needs a momentum above 0 and no dampening";
}

/** ms.optim.sgd(params, {lr =, momentum = 0, nesterov = false, dampening = 0, weight_decay = 0,
    maximize = false, groups =}) -> optimizer over m:parameters(), as they are now: layers that are
    put in place of others later need a new one. A parameter that the list holds twice is one. As
    PyTorch: velocity = momentum velocity + (1 - dampening) gradient, and lr is outside of it.
    groups as ms.optim.adam says */
static const ms_optim_kind sgd = {
  .name = "sgd", .update = update, .wrong = wrong, .slot = { { .name = "velocity" } },
  .takes = { MS_OPTIM_LR, MS_OPTIM_SHARE(momentum, 0), MS_OPTIM_FLAG(nesterov),
             MS_OPTIM_NUMBER(dampening, 0), MS_OPTIM_NUMBER(weight_decay, 0),
             MS_OPTIM_FLAG(maximize) },
};
MS_OPTIMIZER(sgd)
