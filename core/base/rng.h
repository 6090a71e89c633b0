/* Counter-based randomness (Philox4x32-10; Salmon et al. 2011): a pure function of where. */
#ifndef MS_RNG_H
#define MS_RNG_H

#include <stdint.h>

/* Four 32-bit words, uniform and independent for every (seed, stream, counter). Inline, for loops
   over counters that the compiler turns into vectors. */
static inline void ms_rng_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t out[4])
{
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  uint32_t a = (uint32_t)counter, b = (uint32_t)(counter >> 32);
  uint32_t c = (uint32_t)stream, d = (uint32_t)(stream >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    const uint64_t p = (uint64_t)a * 0xD2511F53u, q = (uint64_t)c * 0xCD9E8D57u;
    a = (uint32_t)(q >> 32) ^ b ^ k0, b = (uint32_t)q;
    c = (uint32_t)(p >> 32) ^ d ^ k1, d = (uint32_t)p;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

/* The stream of a purpose, e.g. "dropout": a hash of its name (FNV-1a). */
uint64_t ms_rng_stream(const char *purpose);

/* A word as a multiple of 2^-24 in [0, 1): exact in float. */
static inline double ms_rng_unit(uint32_t word)
{
  return (int32_t)(word >> 8) * (1.0 / 16777216.0);
}

/* The step that randomness inside layers (dropout) belongs to: optimizers advance it, a
   resumed run sets it. */
uint64_t ms_rng_step(void);
void ms_rng_set_step(uint64_t step);

#endif
