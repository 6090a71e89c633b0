/* Linear equations with a triangular matrix. */
#ifndef MS_TRIANGULAR_H
#define MS_TRIANGULAR_H

#include <stddef.h>

#include "../../base/real.h"

/* As ms_lapack_trsm, on all threads: right sides in groups, the triangle in blocks, of which most
   are matrix products. */
void ms_triangular_solve(const char how[4], size_t m, size_t n, const real *a, size_t lda, real *b,
                         size_t ldb);

#endif
