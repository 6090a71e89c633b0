/* Rows that become columns, four by four. */
#ifndef MS_TRANSPOSE_H
#define MS_TRANSPOSE_H

#include "isa.h"
#include "shuffle.h"

/* Four rows' four numbers: to[c * to_ld + r] = x[r * ld + c]. */
MS_INLINE void ms_transpose_four(const real *x, size_t ld, real *to, size_t to_ld)
{
  typedef real four __attribute__((vector_size(4 * sizeof(real)), may_alias,
                                   aligned(sizeof(real))));
#ifdef MS_DOUBLE
  typedef long long places __attribute__((vector_size(4 * sizeof(real))));
#else
  typedef int places __attribute__((vector_size(4 * sizeof(real))));
#endif
  const places low = { 0, 4, 1, 5 }, high = { 2, 6, 3, 7 }, left = { 0, 1, 4, 5 },
               right = { 2, 3, 6, 7 };
  const four r0 = *(const four *)x, r1 = *(const four *)(x + ld),
             r2 = *(const four *)(x + 2 * ld), r3 = *(const four *)(x + 3 * ld);
  const four a = MS_SHUFFLE_TWO(r0, r1, low), b = MS_SHUFFLE_TWO(r2, r3, low),
             c = MS_SHUFFLE_TWO(r0, r1, high), d = MS_SHUFFLE_TWO(r2, r3, high);
  *(four *)to = MS_SHUFFLE_TWO(a, b, left);
  *(four *)(to + to_ld) = MS_SHUFFLE_TWO(a, b, right);
  *(four *)(to + 2 * to_ld) = MS_SHUFFLE_TWO(c, d, left);
  *(four *)(to + 3 * to_ld) = MS_SHUFFLE_TWO(c, d, right);
}

/* The same of any number of rows and columns. */
static inline void ms_transpose(const real *x, size_t ld, size_t rows, size_t columns, real *to,
                                size_t to_ld)
{
  const size_t r4 = rows / 4 * 4, c4 = columns / 4 * 4;
  for (size_t r = 0; r < r4; r += 4)
    for (size_t c = 0; c < c4; c += 4)
      ms_transpose_four(x + r * ld + c, ld, to + c * to_ld + r, to_ld);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = r < r4 ? c4 : 0; c < columns; c++) to[c * to_ld + r] = x[r * ld + c];
}

#endif
