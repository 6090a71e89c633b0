/* Linear equations in double, whatever the build's real is. */
#ifndef MS_LAPACK_DOUBLE_H
#define MS_LAPACK_DOUBLE_H

#include <stddef.h>

/* Solves a x = b for symmetric a (n, n) by LU with row exchanges; b (columns, n), a right side a
   row, becomes x. Destroys a. pivot: n integers. 0; the place of a zero on U's diagonal (a is
   singular); or -1 and a message. */
int ms_lapack_solve_double(size_t n, double *a, size_t columns, double *b, int *pivot);

#endif
