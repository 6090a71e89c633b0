/* Counter-based randomness (Philox4x32-10; Salmon et al. 2011): a pure function of where. */
#ifndef MS_RNG_H
#define MS_RNG_H

#include <stdint.h>

/* Four 32-bit words, uniform and independent for every (seed, stream, counter). */
void ms_rng_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t out[4]);

/* The stream of a purpose, e.g. "dropout": a hash of its name (FNV-1a). */
uint64_t ms_rng_stream(const char *purpose);

/* A word as a number in [0, 1), on 2^-24: exact in float. */
static inline double ms_rng_unit(uint32_t word)
{
  return (word >> 8) * (1.0 / 16777216.0);
}

/* The step that randomness inside layers (dropout) belongs to: optimizers advance it, a
   resumed run sets it. */
uint64_t ms_rng_step(void);
void ms_rng_set_step(uint64_t step);

#endif
