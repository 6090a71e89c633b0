/* Inputs at the shape of their result, of which some are stretched. */
#ifndef MS_STRETCHED_H
#define MS_STRETCHED_H

#include <stddef.h>

#include "../../base/real.h"

enum { MS_BROADCAST_DIMS = 8, MS_BROADCAST_INPUTS = 3 };

/* dim is the result's shape; step is how far a step along each of its dimensions moves in an input,
   0 where that is stretched. The last dimension moves by 1 or 0. */
typedef struct ms_broadcast {
  int inputs, ndim;
  size_t count, dim[MS_BROADCAST_DIMS];
  struct {
    const real *data;
    size_t step[MS_BROADCAST_DIMS];
    int dense, number, repeats; /* not stretched at all; a single number; one row for all */
  } in[MS_BROADCAST_INPUTS];
} ms_broadcast;

#endif
