/* Philox for several counters at once: each of a block's four words has a register, a counter to
   every 64 bits of it, so that products come in whole. What lies above a word's 32 bits is left
   there until the end. */
#include "philox.h"

#include "../base/rng.h"
#include "simd/isa.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LANES = MS_VEC_BYTES / 8 };
typedef uint64_t wide __attribute__((vector_size(MS_VEC_BYTES), may_alias));
typedef uint64_t wide_u __attribute__((vector_size(MS_VEC_BYTES), may_alias, aligned(4)));

static const uint64_t LOW = 0xFFFFFFFFu;

/* Of the lower 32 bits of each lane. */
MS_INLINE wide products(wide a, uint32_t factor)
{
#if defined(__AVX512F__)
  return (wide)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(factor));
#elif defined(__AVX2__)
  return (wide)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(factor));
#elif defined(__x86_64__)
  return (wide)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(factor));
#else
  return (a & LOW) * factor;
#endif
}

/* Lanes of both in turn: the lower halves', the upper halves'. */
#if defined(__AVX512F__)
static const wide FIRST = { 0, 8, 1, 9, 2, 10, 3, 11 }, SECOND = { 4, 12, 5, 13, 6, 14, 7, 15 };
static const wide COUNT = { 0, 1, 2, 3, 4, 5, 6, 7 };
#elif defined(__AVX2__)
static const wide FIRST = { 0, 4, 1, 5 }, SECOND = { 2, 6, 3, 7 }, COUNT = { 0, 1, 2, 3 };
#else
static const wide FIRST = { 0, 2 }, SECOND = { 1, 3 }, COUNT = { 0, 1 };
#endif

/* LANES blocks. */
MS_INLINE void blocks_at_once(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *to)
{
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  wide a = counter + COUNT, b = a >> 32, c = (wide){ 0 } + stream, d = c >> 32;
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    const wide p = products(a, 0xD2511F53u), q = products(c, 0xCD9E8D57u);
    a = (q >> 32) ^ b ^ k0, b = q;
    c = (p >> 32) ^ d ^ k1, d = p;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  const wide ab = (a & LOW) | b << 32, cd = (c & LOW) | d << 32;
  *(wide_u *)to = __builtin_shuffle(ab, cd, FIRST);
  *(wide_u *)(to + 2 * LANES) = __builtin_shuffle(ab, cd, SECOND);
}

static void words(uint64_t seed, uint64_t stream, uint64_t counter, size_t blocks, uint32_t *to)
{
  for (; blocks >= LANES; blocks -= LANES, counter += LANES, to += 4 * LANES)
    blocks_at_once(seed, stream, counter, to);
  for (; blocks > 0; blocks--, counter++, to += 4) ms_rng_block(seed, stream, counter, to);
}

const ms_philox_kernels MS_K(philox) = { .words = words };
