/* Adam (Kingma & Ba 2015), with Keras' and PyTorch's placing of epsilon chosen by the caller's
   value. */
#include <math.h>

#include "../kernels/optimizer_steps.h"
#include "optim.h"

static void step(ms_optim *o, ms_tensor *p, const ms_tensor *g, ms_tensor *const *slot)
{
  double t = (double)o->steps;
  double lr = o->lr / (1 - pow(o->beta1, t)), root = 1 / sqrt(1 - pow(o->beta2, t));
  ms_k_optimizer_steps()->adam(p->data, g->data, slot[0]->data, slot[1]->data, p->count, (real)lr,
                               (real)o->beta1, (real)o->beta2, (real)root, (real)o->epsilon,
                               (real)o->decay);
}

const ms_optim_kind ms_adam = { "adam", 2, { "m", "v" }, step };
