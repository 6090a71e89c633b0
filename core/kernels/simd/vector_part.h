/* A register of numbers, or the first few of one at the end of a row. */
#ifndef MS_VECTOR_PART_H
#define MS_VECTOR_PART_H

#include <string.h>

#include "isa.h"

/* `count` is MS_LANES or fewer; the rest of the register is zero. */
MS_INLINE vec ms_take(const real *x, size_t count)
{
  if (count == MS_LANES) return *(const vec_u *)x;
  vec v = { 0 };
  memcpy(&v, x, count * sizeof *x);
  return v;
}

MS_INLINE void ms_put(real *to, vec v, size_t count)
{
  if (count == MS_LANES) *(vec_u *)to = v;
  else memcpy(to, &v, count * sizeof *to);
}

#endif
