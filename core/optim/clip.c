/* Norms and clipping of the gradients of an optimizer's parameters. */
#include "clip.h"

#include "../base/interrupt.h"
#include "../kernels/optim/parameters.h"

static double root(double sum, double power)
{
  return isinf(power) ? sum : power == 2 ? sqrt(sum) : pow(sum, 1 / power);
}

double ms_gradient_norm(const ms_optim *o, double power)
{
  double sum = 0;
  for (int i = 0; i < o->params; i++) {
    const ms_tensor *g = ms_grad(o->param[i]);
    if (!g) continue;
    const double more = ms_k_parameters()->power_sum(g->data, g->count, power);
    if (!isinf(power)) sum += more;
    else if (!(more <= sum) && sum == sum) sum = more;
  }
  return root(sum, power);
}

typedef void change(real *x, size_t n, real by);

/* All gradients are changed, or none. */
static void each(const ms_optim *o, change *loop, double by)
{
  ms_stop_hold(1);
  for (int i = 0; i < o->params; i++) {
    ms_tensor *g = ms_grad(o->param[i]);
    if (!g) continue;
    loop(g->data, g->count, (real)by);
    ms_tensor_changed(g);
  }
  ms_stop_hold(-1);
}

void ms_gradient_scale(const ms_optim *o, double factor)
{
  each(o, ms_k_parameters()->scale, factor);
}

void ms_gradient_clamp(const ms_optim *o, double most)
{
  each(o, ms_k_parameters()->clamp, most);
}
