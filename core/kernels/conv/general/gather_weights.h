/* Weights of a phase as the register tiles read them, products with them, and sums of gradients by
   them. */
#ifndef MS_GATHER_WEIGHTS_H
#define MS_GATHER_WEIGHTS_H

#include "../pack/conv_microkernel.h"
#include "conv_gather.h"

typedef struct ms_gather_weights {
  size_t depth;       /* numbers of a patch */
  size_t whole;       /* channels given by a group, up to whole vectors */
  const real *bias;   /* (groups, whole) */
  const real *plain;  /* (groups, depth, gives) */
  const real *packed; /* depth times whole to a group, where operands are numbers */
} ms_gather_weights;

static inline void ms_gather_weights_sizes(const ms_gather *j, ms_gather_weights *w)
{
  *w = (ms_gather_weights){ .depth = j->y.taps * j->x.taps * j->reads,
                            .whole = ms_conv_vectors(j->gives) * MS_LANES };
}

/* In scratch of this thread, until the next call. 0, or -1 and a message. */
int MS_K(gather_pack)(const ms_gather *j, ms_gather_weights *w);

/* y[p] = bias + patch p times a group's weights (depth, gives); patches are `step` numbers apart,
   results y_step. Where operands are numbers. */
void MS_K(gather_multiply)(const ms_gather_weights *w, size_t gives, size_t group,
                           const real *patch, size_t step, size_t count, real *y, size_t y_step);

/* Adds the parts of sums (parts, groups, depth, whole), in order, and writes them to gw. */
void MS_K(gather_finish)(const ms_gather *j, const ms_gather_weights *w, const real *sums,
                         size_t parts, real *gw);

#endif
