/* Stretching sizes of 1, and folding gradients back over them. */
#ifndef MS_BROADCAST_H
#define MS_BROADCAST_H

#include "../tensor/tensor.h"

/* t at a larger shape that it broadcasts to: itself (a new reference) where nothing stretches. */
ms_tensor *ms_stretch(ms_tensor *t, int ndim, const size_t *dim);

/* The sum of t over everything that was stretched from the smaller shape; t itself (a new
   reference) where nothing was. */
ms_tensor *ms_fold(ms_tensor *t, int ndim, const size_t *dim);

#endif
