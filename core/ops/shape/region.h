/* Regions of a tensor: along each dimension a first position, a step and a count. */
#ifndef MS_REGION_H
#define MS_REGION_H

#include "../../grad/grad.h"

typedef struct ms_region {
  size_t first[MS_MAX_DIMS], count[MS_MAX_DIMS];
  ptrdiff_t step[MS_MAX_DIMS]; /* 0: one position, and the dimension goes */
} ms_region;

/* All of x. */
ms_region ms_region_all(const ms_tensor *x);

/* The region of x as a tensor of its own: a view where it lies in one piece. Positions must be
   inside x. */
ms_tensor *ms_region_read(ms_tensor *x, const ms_region *region);

/* The same outside the graph, and what its gradient is: gy in that region of zeros of the shape. */
ms_tensor *ms_region_cut(ms_tensor *x, const ms_region *region);
ms_tensor *ms_region_back(int ndim, const size_t *dim, const ms_region *region,
                            const ms_tensor *gy);

/* Writes value, stretched to the shape that reading would give, into the region of x, in place.
   0, or -1 and a message. */
int ms_region_write(ms_tensor *x, const ms_region *region, const ms_tensor *value);

#endif
