/* The hyperbolic tangent, in the way of the C library. */
#ifndef MS_TANH_H
#define MS_TANH_H

#include <stddef.h>

#include "../simd/isa.h"

void MS_K(tanh)(const real *x, real *y, size_t n);

#endif
