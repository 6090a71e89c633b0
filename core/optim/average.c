/* Moving averages of parameters. */
#include "average.h"

#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../kernels/optim/parameters.h"

ms_average *ms_average_new(int n, double decay)
{
  ms_average *a = calloc(1, sizeof *a);
  if (!a) return ms_fail("no memory for averages"), NULL;
  a->decay = decay;
  a->param = calloc((size_t)n + 1, sizeof *a->param);
  a->mean = calloc((size_t)n + 1, sizeof *a->mean);
  if (a->param && a->mean) return a;
  ms_fail("no memory for averages");
  ms_average_free(a);
  return NULL;
}

void ms_average_free(ms_average *a)
{
  if (!a) return;
  for (int i = 0; a->param && i < a->params; i++) {
    ms_tensor_free(a->param[i]);
    ms_tensor_free(a->mean[i]);
  }
  free(a->param);
  free(a->mean);
  free(a);
}

int ms_average_add(ms_average *a, ms_tensor *param)
{
  ms_tensor *mean = ms_tensor_copy(param);
  if (!mean) return -1;
  a->mean[a->params] = mean;
  a->param[a->params++] = ms_tensor_ref(param);
  return 0;
}

int ms_average_update(ms_average *a)
{
  if (a->swapped)
    return ms_fail("update: the parameters hold the averages now; call ema:swap() before");
  const double weight = a->steps ? 1 - a->decay : 1;
  ms_stop_hold(1);
  for (int i = 0; i < a->params; i++) {
    ms_tensor *mean = a->mean[i];
    const ms_tensor *p = a->param[i];
    if (weight == 1) memcpy(mean->data, p->data, p->count * sizeof(real));
    else ms_k_parameters()->average(mean->data, p->data, p->count, (real)weight);
    ms_tensor_changed(mean);
  }
  ms_stop_hold(-1);
  a->steps++;
  return 0;
}

static void swap(real *a, real *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const real t = a[i];
    a[i] = b[i];
    b[i] = t;
  }
}

void ms_average_swap(ms_average *a)
{
  for (int i = 0; i < a->params; i++) {
    swap(a->param[i]->data, a->mean[i]->data, a->param[i]->count);
    ms_tensor_changed(a->param[i]);
    ms_tensor_changed(a->mean[i]);
  }
  a->swapped = !a->swapped;
}
