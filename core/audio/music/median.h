/* Running medians along one axis of three. */
#ifndef MS_MEDIAN_H
#define MS_MEDIAN_H

#include <stddef.h>

#include "../../base/real.h"

/* x, y (outer, n, inner), y not x: every number's median of the `size` around it along n, which is
   mirrored at its ends, as scipy.ndimage.median_filter does. NaN counts as the largest. 0, or -1
   and a message. */
int ms_running_median(const real *x, size_t outer, size_t n, size_t inner, size_t size, real *y);

#endif
