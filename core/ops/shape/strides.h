/* Moving numbers between two layouts of one shape. */
#ifndef MS_OPS_STRIDED_H
#define MS_OPS_STRIDED_H

#include <stddef.h>

#include "../../tensor/tensor.h"

enum { MS_STRIDED_DIMS = 2 * MS_MAX_DIMS };

/* A shape, and how far a step along each dimension goes in either place. */
typedef struct ms_strided {
  int ndim;
  size_t dim[MS_STRIDED_DIMS];
  ptrdiff_t from[MS_STRIDED_DIMS], to[MS_STRIDED_DIMS];
} ms_strided;

/* Copies every number of the shape; the two places do not overlap. Cut by size alone. */
void ms_strided_copy(const ms_strided *shape, const real *from, real *to);

/* Row-major strides of a shape. */
void ms_strides(int ndim, const size_t *dim, ptrdiff_t *stride);

#endif
