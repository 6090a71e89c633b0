/* The different numbers of a list, once their order is known. */
#ifndef MS_DIFFERENT_H
#define MS_DIFFERENT_H

#include "../../tensor/tensor.h"

/* x: any shape; at (n): positions, from 1, that sort x. How many different numbers there are; every
   NaN is one. */
size_t ms_different_count(const ms_tensor *x, const ms_tensor *at);

/* Fills list (many): the first of each; place (as x): where in the list each number of x is, from
   1; counts (many): how often each is there. More than `many`, where x was changed meanwhile, count
   as the last one. */
void ms_different(const ms_tensor *x, const ms_tensor *at, size_t many, real *list, real *place,
                  real *counts);

#endif
