/* A matrix as orthogonal times triangular, by reflections in blocks. */
#ifndef MS_REFLECTIONS_H
#define MS_REFLECTIONS_H

#include <stddef.h>

#include "../../base/real.h"

/* x (m, n) = q r, all row-major: q (m, columns), r (columns, n), columns from min(m, n) to m; on
   all threads where they are large. 0, or -1 and a message. */
int ms_qr_factor(size_t m, size_t n, size_t columns, const real *x, real *q, real *r);

#endif
