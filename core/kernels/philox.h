/* Random words for neighbouring counters (base/rng.h), and normal numbers of them. */
#ifndef MS_PHILOX_H
#define MS_PHILOX_H

#include <stddef.h>
#include <stdint.h>

#include "../base/real.h"

typedef struct __attribute__((designated_init)) ms_philox_kernels {
  /* to[4*k .. 4*k+3] = ms_rng_block(seed, stream, counter + k) for k < blocks. */
  void (*words)(uint64_t seed, uint64_t stream, uint64_t counter, size_t blocks, uint32_t *to);
  /* n normal numbers of n words, n even, by Box and Muller: two of two */
  void (*normal)(const uint32_t *word, double mean, double deviation, real *to, size_t n);
} ms_philox_kernels;

const ms_philox_kernels *ms_k_philox(void);

#endif
