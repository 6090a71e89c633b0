/* Moving averages of parameters; each is a reference of its own. */
#ifndef MS_AVERAGE_H
#define MS_AVERAGE_H

#include "../tensor/tensor.h"

typedef struct ms_average {
  double decay;
  uint64_t steps; /* updates so far */
  int swapped;    /* the parameters hold the averages, and these tensors the weights */
  int params;
  ms_tensor **param, **mean;
} ms_average;

/* With room for n parameters; NULL and a message. */
ms_average *ms_average_new(int n, double decay);
void ms_average_free(ms_average *a);

/* The next parameter, whose average begins as a copy. 0, or -1 and a message. */
int ms_average_add(ms_average *a, ms_tensor *param);

/* mean = decay mean + (1 - decay) parameter, of all; the first update copies. 0, or -1 and a
   message where they are swapped. */
int ms_average_update(ms_average *a);

/* Exchanges all parameters with their averages. */
void ms_average_swap(ms_average *a);

#endif
