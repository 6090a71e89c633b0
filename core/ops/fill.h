/* Numbers for new tensors. */
#ifndef MS_FILL_H
#define MS_FILL_H

#include <stdint.h>

#include "../tensor/tensor.h"

void ms_fill_constant(ms_tensor *t, double value);

/* Uniform in [low, high), a function of (seed, stream) and the position alone. */
void ms_fill_uniform(ms_tensor *t, uint64_t seed, uint64_t stream, double low, double high);

/* Normal with the given mean and deviation (Box-Muller), likewise. */
void ms_fill_normal(ms_tensor *t, uint64_t seed, uint64_t stream, double mean, double deviation);

/* The same within two deviations of the mean: what lies beyond is drawn again. */
void ms_fill_truncated(ms_tensor *t, uint64_t seed, uint64_t stream, double mean, double deviation);

/* 0 with probability `p`, else 1 / (1 - p), likewise. */
void ms_fill_kept(ms_tensor *t, uint64_t seed, uint64_t stream, double p);

/* Whole numbers low..high, all equally likely, likewise. */
void ms_fill_whole(ms_tensor *t, uint64_t seed, uint64_t stream, int64_t low, int64_t high);

/* first, first + step, ..., last; base ^ that where base is not 0. */
typedef struct ms_sequence {
  double first, last, step, base;
} ms_sequence;

void ms_fill_sequence(ms_tensor *t, ms_sequence s);

#endif
