/* The factors of a square matrix, a row-major: a^T = P L U, column by column. */
#ifndef MS_LU_H
#define MS_LU_H

#include <stddef.h>

#include "../../base/real.h"

/* a (n, n) becomes its factors; on all threads where it is large. 0; k above 0 where the k-th
   pivot is 0, the factors complete all the same; or -1. */
int ms_lu_factor(size_t n, real *a, int *pivot);

/* b (n, k), row-major, becomes the x with a x = b, or a^T x = b where `turned`. */
void ms_lu_solve(size_t n, const real *lu, const int *pivot, int turned, size_t k, real *b);

#endif
