/* Windows of images, a register of channels at a time. */
#ifndef MS_POOL_WINDOW_H
#define MS_POOL_WINDOW_H

#include <string.h>

#include "isa.h"

enum { MS_MOST_PLACES = 256 }; /* in a window */

/* What a comparison of registers gives; also places in a window. */
#ifdef MS_DOUBLE
typedef long long place;
#else
typedef int place;
#endif
typedef place lanes __attribute__((vector_size(MS_VEC_BYTES)));

/* `count` channels: MS_LANES of them, or fewer at the end. */
MS_INLINE vec take(const real *x, size_t count)
{
  vec v = { 0 };
  if (count == MS_LANES) return *(const vec_u *)x;
  memcpy(&v, x, count * sizeof *x);
  return v;
}

MS_INLINE void put(real *to, vec v, size_t count)
{
  if (count == MS_LANES)
    *(vec_u *)to = v;
  else
    memcpy(to, &v, count * sizeof *to);
}

MS_INLINE vec choose(lanes which, vec a, vec b)
{
  return (vec)((which & (lanes)a) | (~which & (lanes)b));
}

/* Where a later number takes the place of the largest so far: it is above it, or NaN, which is
   never lost. */
MS_INLINE lanes takes(vec here, vec most)
{
  return (here > most) | (here != here);
}

MS_INLINE lanes choose_places(lanes which, place a, lanes b)
{
  return (which & ((lanes){ 0 } + a)) | (~which & b);
}

/* From the first number of a window of ph x pw to those of its other places, in images of w x
   channels a row. */
static inline void window_offsets(size_t ph, size_t pw, size_t w, size_t channels,
                                  size_t offset[MS_MOST_PLACES])
{
  for (size_t k = 0; k < ph * pw; k++) offset[k] = (k / pw * w + k % pw) * channels;
}

#endif
