/* Inputs of one shape by stretching sizes of 1, and gradients folded back over them. */
#ifndef MS_BROADCAST_H
#define MS_BROADCAST_H

#include "../kernels/elementwise.h"
#include "../tensor/tensor.h"

/* The common shape of the inputs. 0, or -1 and a message that begins with the operator's name. */
int ms_broadcast_shape(const char *who, int inputs, ms_tensor *const *input, int *ndim,
                       size_t *dim);

/* How the inputs, at most MS_BROADCAST_INPUTS, lie under their result y, in as few dimensions as
   that takes. */
void ms_broadcast_of(int inputs, ms_tensor *const *input, const ms_tensor *y, ms_broadcast *b);

/* t at a larger shape that it broadcasts to: itself (a new reference) where nothing stretches. */
ms_tensor *ms_stretch(ms_tensor *t, int ndim, const size_t *dim);

/* The sum of t over everything that was stretched from the smaller shape; t itself (a new
   reference) where nothing was. */
ms_tensor *ms_fold(ms_tensor *t, int ndim, const size_t *dim);

#endif
