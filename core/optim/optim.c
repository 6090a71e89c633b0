/* What optimizers share: their parameters, their slots, one step over all. */
#include "optim.h"

#include <stdlib.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/profile.h"
#include "../base/rng.h"

ms_optim *ms_optim_new(const ms_optim_kind *kind, int n)
{
  ms_optim *o = calloc(1, sizeof *o);
  if (!o) return ms_fail("no memory for an optimizer"), NULL;
  o->kind = kind;
  o->param = calloc((size_t)n + 1, sizeof *o->param);
  o->slot = calloc((size_t)n * (size_t)kind->slots + 1, sizeof *o->slot);
  if (o->param && o->slot) return o;
  ms_fail("no memory for an optimizer");
  ms_optim_free(o);
  return NULL;
}

void ms_optim_add(ms_optim *o, ms_tensor *param)
{
  o->param[o->params++] = ms_tensor_ref(param);
}

/* Parameter i's slots, made where they are missing. */
static int fill_slots(ms_optim *o, int i)
{
  ms_tensor **slot = o->slot + i * o->kind->slots;
  for (int s = 0; s < o->kind->slots; s++)
    if (!slot[s] && !(slot[s] = ms_tensor_zeros(o->param[i]->ndim, o->param[i]->dim))) return -1;
  return 0;
}

int ms_optim_fill(ms_optim *o)
{
  for (int i = 0; i < o->params; i++)
    if (fill_slots(o, i) != 0) return -1;
  return 0;
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

/* Makes what a step needs. 0, or -1 and a sentence. */
static int prepare(ms_optim *o)
{
  int found = 0;
  for (int i = 0; i < o->params; i++) {
    if (!ms_grad(o->param[i])) continue;
    if (fill_slots(o, i) != 0) return -1;
    found = 1;
  }
  if (found || !o->params) return 0;
  return ms_fail("step: no parameter has a gradient; call backward before");
}

int ms_optim_step(ms_optim *o)
{
  double count = 0;
  if (prepare(o) != 0) return -1;
  if (ms_profile_on) ms_profile_begin();
  o->steps++;
  ms_rng_set_step(ms_rng_step() + 1);
  ms_stop_hold(1); /* all parameters make the step, or none */
  for (int i = 0; i < o->params; i++) {
    const ms_tensor *g = ms_grad(o->param[i]);
    if (!g) continue;
    o->kind->step(o, o->param[i], g, o->slot + i * o->kind->slots);
    ms_tensor_changed(o->param[i]);
    count += (double)g->count;
  }
  ms_stop_hold(-1);
  /* the gradient is read, the parameter and its slots are read and written */
  if (ms_profile_on)
    ms_profile_end(o->kind->name, MS_UPDATE, count * (3 + 2 * o->kind->slots) * sizeof(real));
  return 0;
}

void ms_optim_zero(ms_optim *o)
{
  for (int i = 0; i < o->params; i++) ms_grad_clear(o->param[i]);
}
