/* Stochastic gradient descent with momentum, Nesterov's or plain, and weight decay. */
#include "../kernels/optimizer_steps.h"
#include "optim.h"

static void step(ms_optim *o, ms_tensor *p, const ms_tensor *g, ms_tensor *const *slot)
{
  ms_k_optimizer_steps()->sgd(p->data, g->data, o->momentum != 0 ? slot[0]->data : NULL, p->count,
                      (real)o->lr, (real)o->momentum, (real)o->decay, o->nesterov);
}

const ms_optim_kind ms_sgd = { "sgd", 1, { "velocity", NULL }, step };
