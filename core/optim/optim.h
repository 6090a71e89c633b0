/* Optimizers: they borrow nothing, each parameter is a reference of its own. */
#ifndef MS_OPTIM_H
#define MS_OPTIM_H

#include "../grad/grad.h"

typedef struct ms_optim ms_optim;

typedef struct ms_optim_kind {
  const char *name;
  int slots; /* tensors of a parameter's shape that it keeps, e.g. two moments */
  const char *slot_name[2];
  void (*step)(ms_optim *o, ms_tensor *p, const ms_tensor *g, ms_tensor *const *slot);
} ms_optim_kind;

struct ms_optim {
  const ms_optim_kind *kind;
  double lr, decay;             /* both; decay is added to the gradient (L2) */
  double beta1, beta2, epsilon; /* Adam */
  double momentum;              /* SGD */
  int nesterov;
  uint64_t steps; /* done so far */
  int params;     /* added so far */
  ms_tensor **param;
  ms_tensor **slot; /* params x kind->slots; NULL before a parameter's first gradient, then zeros */
};

extern const ms_optim_kind ms_adam; /* Kingma & Ba 2015; epsilon outside the root */
extern const ms_optim_kind ms_sgd;  /* with momentum, Nesterov's or plain */

/* A new optimizer with room for n parameters; NULL and a message. */
ms_optim *ms_optim_new(const ms_optim_kind *kind, int n);

/* Its next parameter, which collects gradients. */
void ms_optim_add(ms_optim *o, ms_tensor *param);
void ms_optim_free(ms_optim *o);

/* Makes every slot that is missing. 0, or -1 and a message. */
int ms_optim_fill(ms_optim *o);

/* One step over every parameter that has a gradient; some must. 0, or -1 and a message, before
   anything changes. */
int ms_optim_step(ms_optim *o);

/* Releases all gradients. */
void ms_optim_zero(ms_optim *o);

#endif
