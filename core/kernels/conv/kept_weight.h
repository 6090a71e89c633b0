/* A weight as a solver has packed it, for the calls to come. */
#ifndef MS_KEPT_WEIGHT_H
#define MS_KEPT_WEIGHT_H

#include <stddef.h>

#include "../../base/real.h"

/* Empty at first; `room` is of ms_alloc and the caller's to free. It must be emptied when the
   weight changes. */
typedef struct ms_kept_weight {
  const void *solver;
  const real *weight;
  size_t cin, cout;
  void *room;
} ms_kept_weight;

#endif
