/* Singular values and vectors of a small matrix, by rotations. */
#ifndef MS_SVD_SMALL_H
#define MS_SVD_SMALL_H

#include <stddef.h>

#include "../../base/real.h"

/* x (m, n) = u (m, k) s (k) vt (k, n), k the smaller size, all row-major; s falls. 0; 1: the
   rotations came to no end; or -1 and a message. */
int ms_svd_small(size_t m, size_t n, const real *x, real *u, real *s, real *vt);

#endif
