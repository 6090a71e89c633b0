/* What files of operators use, and the few operators that C calls itself. Each returns a new
   tensor, or NULL and a message. */
#ifndef MS_OPS_H
#define MS_OPS_H

#include "../grad/grad.h"
#include "../kernels/elementwise.h"

ms_tensor *ms_binary(ms_binary_kind kind, ms_tensor *a, ms_tensor *b);   /* binary.c */
ms_tensor *ms_affine(ms_tensor *x, double scale, double offset); /* affine.c: scale x + offset */

#endif
