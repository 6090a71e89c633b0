/* What optimizers share: their parameters, groups and slots, one step over all. */
#include "optim.h"

#include <stdlib.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/profile.h"
#include "../base/rng.h"

static int slots_of(const ms_optim_kind *kind)
{
  int slots = 0;
  while (slots < MS_OPTIM_SLOTS && kind->slot[slots].name) slots++;
  return slots;
}

ms_optim *ms_optim_new(const ms_optim_kind *kind, int n, int groups)
{
  ms_optim *o = calloc(1, sizeof *o);
  if (!o) return ms_fail("no memory for an optimizer"), NULL;
  o->kind = kind;
  o->groups = groups;
  o->slots = slots_of(kind);
  o->group = calloc((size_t)groups, sizeof *o->group);
  o->param = calloc((size_t)n + 1, sizeof *o->param);
  o->of = calloc((size_t)n + 1, sizeof *o->of);
  o->slot = calloc((size_t)n * (size_t)o->slots + 1, sizeof *o->slot);
  if (o->group && o->param && o->of && o->slot) return o;
  ms_fail("no memory for an optimizer");
  ms_optim_free(o);
  return NULL;
}

void ms_optim_add(ms_optim *o, ms_tensor *param, int group)
{
  o->of[o->params] = group;
  o->param[o->params++] = ms_tensor_ref(param);
}

void ms_optim_free(ms_optim *o)
{
  if (!o) return;
  for (int i = 0; o->param && i < o->params; i++) ms_tensor_free(o->param[i]);
  for (int i = 0; o->slot && i < o->params * o->slots; i++) ms_tensor_free(o->slot[i]);
  free(o->group);
  free(o->param);
  free(o->of);
  free(o->slot);
  free(o);
}

/* ---- options --------------------------------------------------------------------------------- */
static double at_offset(const ms_optim_values *values, size_t offset)
{
  return *(const double *)(const void *)((const char *)values + offset);
}

double *ms_optim_value(const ms_optim_kind *kind, int row, ms_optim_values *values)
{
  return (double *)(void *)((char *)values + kind->takes[row].offset);
}

void ms_optim_set(ms_optim *o, int row, double value)
{
  const int is_lr = o->kind->takes[row].offset == offsetof(ms_optim_values, lr);
  for (int g = 0; g < o->groups; g++) {
    ms_optim_group *group = &o->group[g];
    if (is_lr) group->values.lr = value * group->ratio;
    else if (!(group->own >> row & 1)) *ms_optim_value(o->kind, row, &group->values) = value;
  }
}

/* ---- slots ----------------------------------------------------------------------------------- */
int ms_optim_keeps(const ms_optim *o, int i, int s)
{
  const size_t when = o->kind->slot[s].when;
  return !when || at_offset(&o->group[o->of[i]].values, when - 1) != 0;
}

static ms_tensor *new_slot(const ms_optim *o, int i)
{
  ms_tensor *t = ms_tensor_zeros(o->param[i]->ndim, o->param[i]->dim);
  const double first = at_offset(&o->group[o->of[i]].values, o->kind->starts_at);
  if (!t || !o->kind->starts_at) return t;
  for (size_t k = 0; k < t->count; k++) t->data[k] = (real)first;
  return t;
}

/* Parameter i's slots, made where they are missing. */
static int fill_slots(ms_optim *o, int i)
{
  ms_tensor **slot = o->slot + (ptrdiff_t)i * o->slots;
  for (int s = 0; s < o->slots; s++)
    if (!slot[s] && ms_optim_keeps(o, i, s) && !(slot[s] = new_slot(o, i))) return -1;
  return 0;
}

int ms_optim_fill(ms_optim *o)
{
  for (int i = 0; i < o->params; i++)
    if (fill_slots(o, i) != 0) return -1;
  return 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */
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

static void update(ms_optim *o, int i, const ms_tensor *g)
{
  ms_optim_group *group = &o->group[o->of[i]];
  ms_update u = { .o = group->values, .t = (double)o->steps, .memo = &group->memo,
                  .memo_at = &group->memo_at };
  u.step = (ms_optimizer_step){ .p = o->param[i]->data, .g = g->data, .n = g->count, .shrink = 1,
                                .maximize = u.o.maximize != 0, .lr = (real)u.o.lr,
                                .epsilon = (real)u.o.epsilon };
  for (int s = 0; s < o->slots; s++) {
    const ms_tensor *slot = o->slot[i * o->slots + s];
    u.step.slot[s] = slot && ms_optim_keeps(o, i, s) ? slot->data : NULL;
  }
  o->kind->update(&u);
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
    update(o, i, g);
    ms_tensor_changed(o->param[i]);
    count += (double)g->count;
  }
  ms_stop_hold(-1);
  /* the gradient is read, the parameter and its slots are read and written */
  if (ms_profile_on)
    ms_profile_end(o->kind->name, MS_UPDATE, count * (3 + 2 * o->slots) * sizeof(real));
  return 0;
}

void ms_optim_zero(ms_optim *o)
{
  for (int i = 0; i < o->params; i++) ms_grad_clear(o->param[i]);
}
