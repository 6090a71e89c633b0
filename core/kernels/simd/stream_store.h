/* Stores past the caches. A result that no cache will hold until it is read costs memory twice
   where it is stored as usual: every line is fetched before it is written. */
#ifndef MS_STREAM_STORE_H
#define MS_STREAM_STORE_H

#include "isa.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define MS_NONTEMPORAL_BYTES ((size_t)16 << 20)

/* Whether rows of `step` numbers from y on, `count` in all, are to go past the caches: many, and
   made of whole registers, aligned. */
static inline int ms_nontemporal(const real *y, size_t step, size_t count)
{
  return count * sizeof(real) > MS_NONTEMPORAL_BYTES && step % MS_LANES == 0 &&
         (size_t)y % MS_VEC_BYTES == 0;
}

/* One aligned register. Neighbours that fill a line should follow each other. */
static inline void ms_stream_store(real *to, vec x)
{
#if defined(__AVX512F__)
  _mm512_stream_si512((void *)to, (__m512i)x);
#elif defined(__AVX2__)
  _mm256_stream_si256((void *)to, (__m256i)x);
#else
  *(vec *)to = x;
#endif
}

/* n numbers from a strip that the caches hold to where no cache will hold them. */
static inline void ms_stream_row(real *to, const real *from, size_t n)
{
  size_t i = 0;
  for (; i < n && (size_t)(to + i) % MS_VEC_BYTES; i++) to[i] = from[i];
  for (; i + MS_LANES <= n; i += MS_LANES) ms_stream_store(to + i, *(const vec_u *)(from + i));
  for (; i < n; i++) to[i] = from[i];
}

/* Before other threads read what this one has stored so. */
static inline void ms_stream_done(void)
{
#if defined(__AVX2__)
  _mm_sfence();
#endif
}

#endif
