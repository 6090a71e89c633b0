/* Norms and clipping of the gradients of an optimizer's parameters. */
#ifndef MS_CLIP_H
#define MS_CLIP_H

#include "optim.h"

/* The norm of all gradients together: the power's root of the sum of |g|^power, or the largest |g|
   where it is infinite. */
double ms_gradient_norm(const ms_optim *o, double power);

/* In place, of all gradients. */
void ms_gradient_scale(const ms_optim *o, double factor);
void ms_gradient_clamp(const ms_optim *o, double most);

#endif
