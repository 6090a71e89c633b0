/* Random choices: an order, coins, classes. All are functions of (seed, stream) alone. */
#ifndef MS_SAMPLING_H
#define MS_SAMPLING_H

#include <stdint.h>

#include "../tensor/tensor.h"

/* Fills a list with 1..count in random order. */
void ms_sample_order(ms_tensor *t, uint64_t seed, uint64_t stream);

/* Each number p of t becomes 1 with probability p, else 0. 0, or -1 and a message where one is no
   probability. */
int ms_sample_bernoulli(ms_tensor *t, uint64_t seed, uint64_t stream);

/* weights (classes) or (rows, classes) -> positions from 1, (count) or (rows, count); `replace`:
   with replacement. NULL and a message. */
ms_tensor *ms_sample_classes(const ms_tensor *weights, size_t count, int replace, uint64_t seed,
                             uint64_t stream);

#endif
