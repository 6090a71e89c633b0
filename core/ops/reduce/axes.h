/* Dimensions that a reduction takes away, as (outer, n, inner) of the kernels. */
#ifndef MS_AXES_OPS_H
#define MS_AXES_OPS_H

#include "../../grad/op.h"
#include "../../kernels/reduce/span.h"

/* How the numbers of a shape are reduced where the axes stand side by side; else as they are once
   moved together by ms_axes_gather. */
ms_span ms_axes_span(int ndim, const size_t *dim, uint32_t axes);

/* x with its axes side by side: x itself (a new reference) where they are already. */
ms_tensor *ms_axes_gather(ms_tensor *x, uint32_t axes);

/* From that order back to the shape; takes g over. NULL, which is passed on, and a message. */
ms_tensor *ms_axes_return(ms_tensor *g, int ndim, const size_t *dim, uint32_t axes);

/* A new tensor of x's shape without the axes, or with 1 in their place. */
ms_tensor *ms_axes_result(const ms_tensor *x, uint32_t axes, int keep);

/* Whether something is reduced. 0, or -1 and a message. */
int ms_axes_some(const char *name, const ms_tensor *x, uint32_t axes);

#endif
