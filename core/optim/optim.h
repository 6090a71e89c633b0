/* Optimizers: they borrow nothing, each parameter is a reference of its own. An optimizer is a
   file here that ends with what it declares of itself, an ms_optim_kind: the function in Lua, its
   options and the names in checkpoints are made from it. */
#ifndef MS_OPTIM_H
#define MS_OPTIM_H

#include <math.h>

#include "../grad/grad.h"
#include "../kernels/optim/optimizer_steps.h"

/* All options that optimizers have: each takes some of them. */
typedef struct ms_optim_values {
  double lr, weight_decay, maximize;
  double beta1, beta2, epsilon, amsgrad, decoupled_weight_decay, momentum_decay; /* Adam's kin */
  double momentum, dampening, nesterov;                                          /* SGD */
  double alpha, centered;                                                        /* RMSprop */
  double lr_decay, initial_accumulator_value;                                    /* Adagrad */
} ms_optim_values;

/* One option: a number from 0 to `most`, which `below` leaves out, or true and false (`flag`). */
typedef struct ms_optim_option {
  const char *name;
  double value, most; /* value: where it is left out */
  int below, flag, needed;
  size_t offset; /* in the values */
} ms_optim_option;

enum { MS_OPTIM_OPTIONS = 12, MS_OPTIM_SLOTS = 3 };

#define MS_OPTIM_ROW(field, ...) \
  { .name = #field, .offset = offsetof(ms_optim_values, field), __VA_ARGS__ }
#define MS_OPTIM_NUMBER(field, other) MS_OPTIM_ROW(field, .value = other, .most = INFINITY, \
                                                   .below = 1)
#define MS_OPTIM_SHARE(field, other) MS_OPTIM_ROW(field, .value = other, .most = 1, .below = 1)
#define MS_OPTIM_FLAG(field) MS_OPTIM_ROW(field, .most = 1, .flag = 1)
#define MS_OPTIM_LR MS_OPTIM_ROW(lr, .most = INFINITY, .below = 1, .needed = 1)

/* A tensor of a parameter's shape that is kept from step to step. `when`: 1 + the offset of the
   option without which it is not; 0: always. */
typedef struct ms_optim_slot {
  const char *name;
  size_t when;
} ms_optim_slot;

#define MS_OPTIM_WHEN(field) (1 + offsetof(ms_optim_values, field))

/* One parameter's share of a step. */
typedef struct ms_update {
  ms_optim_values o; /* of its group */
  double t;          /* which step it is, from 1 */
  double *memo;      /* of the group: 0 at first; an optimizer may keep a number there */
  uint64_t *memo_at; /* and the step that it belongs to */
  ms_optimizer_step step; /* the parameter, its gradient and slots; maximize, lr, epsilon */
} ms_update;

typedef struct __attribute__((designated_init)) ms_optim_kind {
  const char *name;
  ms_optim_option takes[MS_OPTIM_OPTIONS]; /* lr first; ends with a name of NULL */
  ms_optim_slot slot[MS_OPTIM_SLOTS];      /* ends with a name of NULL */
  size_t starts_at;                        /* offset of the option that slots begin with; 0: at 0 */
  const char *(*wrong)(const ms_optim_values *o); /* or NULL: what does not go together, or NULL */
  void (*update)(ms_update *u);
} ms_optim_kind;

/* Enters a kind in the list that the binding reads, between these two. */
#define MS_OPTIMIZER(kind)                                                                \
  static const ms_optim_kind *const kind##_entry                                          \
      __attribute__((used, section("ms_optimizers"))) = &kind;
extern const ms_optim_kind *const __start_ms_optimizers[], *const __stop_ms_optimizers[];

/* Parameters that share their options. The first group has those of no other. */
typedef struct ms_optim_group {
  ms_optim_values values;
  double ratio; /* of its lr to the first group's */
  unsigned own; /* a bit for each option that it was given itself */
  double memo;
  uint64_t memo_at;
} ms_optim_group;

typedef struct ms_optim {
  const ms_optim_kind *kind;
  int groups, slots; /* slots: that the kind names */
  ms_optim_group *group;
  uint64_t steps; /* done so far */
  int params;     /* added so far */
  ms_tensor **param;
  int *of;          /* a parameter's group */
  ms_tensor **slot; /* params x slots; NULL before a parameter's first gradient, and where the
                       options need none */
} ms_optim;

/* A new optimizer with room for n parameters in so many groups; NULL and a message. */
ms_optim *ms_optim_new(const ms_optim_kind *kind, int n, int groups);

/* The next parameter of a group, which collects gradients. */
void ms_optim_add(ms_optim *o, ms_tensor *param, int group);
void ms_optim_free(ms_optim *o);

/* Option number `row` of a kind, in values. */
double *ms_optim_value(const ms_optim_kind *kind, int row, ms_optim_values *values);

/* Gives option number `row` another value: in the first group and all that have none of their
   own. */
void ms_optim_set(ms_optim *o, int row, double value);

/* Whether parameter i keeps slot s. */
int ms_optim_keeps(const ms_optim *o, int i, int s);

/* Makes every slot that is missing. 0, or -1 and a message. */
int ms_optim_fill(ms_optim *o);

/* One step over every parameter that has a gradient; some must. 0, or -1 and a message, before
   anything changes. */
int ms_optim_step(ms_optim *o);

/* Releases all gradients. */
void ms_optim_zero(ms_optim *o);

/* For `update`: weight decay as a part of the gradient (L2), or of the step beside it. */
static inline void ms_update_decay(ms_update *u, int decoupled)
{
  if (decoupled) u->step.shrink = (real)(1 - u->o.lr * u->o.weight_decay);
  else u->step.decay = (real)u->o.weight_decay;
}

/* How much of the old momenta stays, and how much of the gradient enters. */
static inline void ms_update_betas(ms_update *u, double beta1, double beta2)
{
  u->step.beta1 = (real)beta1;
  u->step.beta2 = (real)beta2;
  u->step.new1 = (real)(1 - beta1);
  u->step.new2 = (real)(1 - beta2);
}

#endif
