/* What optimizers share: their parameters, their slots, one step over all. */
#include "optim.h"

#include <stdlib.h>

#include "../base/error.h"
#include "../base/rng.h"

static int add_slots(ms_optim *o, ms_tensor *const *param)
{
  for (int i = 0; i < o->params; i++) {
    o->param[i] = ms_tensor_ref(param[i]);
    for (int s = 0; s < o->kind->slots; s++) {
      ms_tensor *zeros = ms_tensor_zeros(param[i]->ndim, param[i]->dim);
      if (!zeros) return -1;
      o->slot[i * o->kind->slots + s] = zeros;
    }
  }
  return 0;
}

ms_optim *ms_optim_new(const ms_optim_kind *kind, int n, ms_tensor *const *param)
{
  ms_optim *o = calloc(1, sizeof *o);
  if (!o) return ms_fail("no memory for an optimizer"), NULL;
  o->kind = kind;
  o->params = n;
  o->param = calloc((size_t)n + 1, sizeof *o->param);
  o->slot = calloc((size_t)n * 2 + 1, sizeof *o->slot);
  if (!o->param || !o->slot) ms_fail("no memory for an optimizer");
  else if (add_slots(o, param) == 0) return o;
  ms_optim_free(o);
  return NULL;
}

void ms_optim_free(ms_optim *o)
{
  if (!o) return;
  for (int i = 0; o->param && i < o->params; i++) ms_tensor_free(o->param[i]);
  for (int i = 0; o->slot && i < o->params * o->kind->slots; i++) ms_tensor_free(o->slot[i]);
  free(o->param);
  free(o->slot);
  free(o);
}

void ms_optim_step(ms_optim *o)
{
  o->steps++;
  ms_rng_set_step(ms_rng_step() + 1);
  for (int i = 0; i < o->params; i++) {
    const ms_tensor *g = ms_grad(o->param[i]);
    if (g) o->kind->step(o, o->param[i], g, o->slot + i * o->kind->slots);
  }
}

void ms_optim_zero(ms_optim *o)
{
  for (int i = 0; i < o->params; i++) ms_grad_clear(o->param[i]);
}
