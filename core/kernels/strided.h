/* Numbers that move between places a pitch apart: rows, and planes turned over. */
#ifndef MS_STRIDED_H
#define MS_STRIDED_H

#include <stddef.h>

#include "../base/real.h"

typedef struct __attribute__((designated_init)) ms_strided_kernels {
  /* to[i * to_pitch] = from[i * from_pitch] for i < n; pitches may be 0 (of from) or negative */
  void (*row)(const real *from, ptrdiff_t from_pitch, real *to, ptrdiff_t to_pitch, size_t n);
  /* to[i] = from[i * from_pitch], past the caches (simd/stream_store.h) */
  void (*row_past)(const real *from, ptrdiff_t from_pitch, real *to, size_t n);
  /* to[r * to_pitch + c] = from[r + c * from_pitch] for r < rows, c < columns */
  void (*turn)(const real *from, ptrdiff_t from_pitch, real *to, ptrdiff_t to_pitch, size_t rows,
               size_t columns);
  /* y (count, step of them apart) += x, likewise: to[i * to_pitch] += from[i] */
  void (*add)(const real *from, real *to, ptrdiff_t to_pitch, size_t n);
} ms_strided_kernels;

const ms_strided_kernels *ms_k_strided(void);

#endif
