/* What operators that take positions share: their checks, and how a gathering walks. */
#ifndef MS_POSITIONS_H
#define MS_POSITIONS_H

#include "../../grad/grad.h"
#include "../../kernels/choose/gathering.h"

/* Whether all numbers of input `at` are positions along an axis of n; they must need no gradient.
   0, or -1 and a message that names the first that is none. */
int ms_positions_check(const ms_call *c, int at, size_t n);

/* Whether positions along n can be written down as numbers. 0, or -1 and a message. */
int ms_positions_fit(const char *name, size_t n);

/* The walk of an index over x along the axis where the other sizes of the index may be smaller
   than x's; y has the index's shape. 0, or -1 and a message. */
int ms_gathering_each(const char *name, int ndim, const size_t *x, int axis, int index_ndim,
                      const size_t *index, ms_gathering *g);

/* The walk of `count` positions over whole slices of x; y has x's shape but for the axis. */
void ms_gathering_slices(int ndim, const size_t *x, int axis, size_t count, ms_gathering *g);

#endif
