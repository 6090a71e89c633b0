/* The exponential, in the way of the C library. */
#ifndef MS_EXP_H
#define MS_EXP_H

#include <stddef.h>

#include "../simd/isa.h"

/* y = e^(sign x), sign 1 or -1; y may be x. */
void MS_K(exp)(const real *x, real *y, size_t n, real sign);

#endif
