/* Products of a matrix and a vector. For gemm_packed.c. */
#ifndef MS_GEMM_VECTOR_H
#define MS_GEMM_VECTOR_H

#include "../simd/isa.h"
#include "gemm.h"

/* c = scale op(a) op(b) (+ bias or + c), of which m or n is 1. 0, or -1 and a message. */
int MS_K(multiply_vector)(const ms_product *p);

#endif
