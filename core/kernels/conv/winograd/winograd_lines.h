/* One line of Winograd's minimal filtering F(m, 3): m outputs of a filter of 3 from m + 2 products,
   for m = 2 and 4. Both ways of an image are filtered so, one after the other. F(4, 3) interpolates
   at 0, +-5/8, +-3/2 and infinity: powers small enough that the error stays about that of plain
   sums (measured, against double: 2 times it forward, less by weight; the usual points 0, +-1, +-2
   give 4 times it). All constants are exact but the divisors' inverses. */
#ifndef MS_WINOGRAD_LINES_H
#define MS_WINOGRAD_LINES_H

#include "../../simd/isa.h"

#define MS_NEAR ((real)0.625)
#define MS_FAR ((real)1.5)
#define MS_NEAR2 (MS_NEAR * MS_NEAR)
#define MS_FAR2 (MS_FAR * MS_FAR)
/* What Lagrange's polynomials are at their own points: 0, +-near, +-far. */
#define MS_AT_ZERO (1 / (MS_NEAR2 * MS_FAR2))
#define MS_AT_NEAR (1 / (2 * MS_NEAR2 * (MS_NEAR2 - MS_FAR2)))
#define MS_AT_FAR (1 / (2 * MS_FAR2 * (MS_FAR2 - MS_NEAR2)))

/* What the even and the odd powers give at the points +-near and +-far: to[1] to to[4]. */
MS_INLINE void ms_line_points(vec near_even, vec near, vec far_even, vec far, vec to[6])
{
  to[1] = near_even + near;
  to[2] = near_even - near;
  to[3] = far_even + far;
  to[4] = far_even - far;
}

/* m + 2 inputs to factors: B' */
MS_INLINE void ms_line_input(const int m, const vec d[6], vec to[6])
{
  if (m == 2) {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[1] - d[3];
    return;
  }
  const vec near = (d[3] - MS_FAR2 * d[1]) * MS_NEAR, near_even = d[4] - MS_FAR2 * d[2];
  const vec far = (d[3] - MS_NEAR2 * d[1]) * MS_FAR, far_even = d[4] - MS_NEAR2 * d[2];
  to[0] = MS_NEAR2 * MS_FAR2 * d[0] + (d[4] - (MS_NEAR2 + MS_FAR2) * d[2]);
  ms_line_points(near_even, near, far_even, far, to);
  to[5] = MS_NEAR2 * MS_FAR2 * d[1] + (d[5] - (MS_NEAR2 + MS_FAR2) * d[3]);
}

/* m + 2 sums of products to outputs: A' */
MS_INLINE void ms_line_output(const int m, const vec s[6], vec to[4])
{
  const vec near = s[1] - s[2], near_even = s[1] + s[2];
  if (m == 2) {
    to[0] = s[0] + near_even;
    to[1] = near - s[3];
    return;
  }
  const vec far = s[3] - s[4], far_even = s[3] + s[4];
  to[0] = s[0] + near_even + far_even;
  to[1] = MS_NEAR * near + MS_FAR * far;
  to[2] = MS_NEAR2 * near_even + MS_FAR2 * far_even;
  to[3] = MS_NEAR * MS_NEAR2 * near + (MS_FAR * MS_FAR2 * far + s[5]);
}

/* m gradients of outputs to factors, for the gradient by weight: A */
MS_INLINE void ms_line_gradient(const int m, const vec g[4], vec to[6])
{
  to[0] = g[0];
  if (m == 2) {
    to[1] = g[0] + g[1];
    to[2] = g[0] - g[1];
    to[3] = -g[1];
    return;
  }
  const vec near = MS_NEAR * (g[1] + MS_NEAR2 * g[3]), near_even = g[0] + MS_NEAR2 * g[2];
  const vec far = MS_FAR * (g[1] + MS_FAR2 * g[3]), far_even = g[0] + MS_FAR2 * g[2];
  ms_line_points(near_even, near, far_even, far, to);
  to[5] = g[3];
}

/* 3 weights to m + 2 factors: G */
MS_INLINE void ms_line_weight(const int m, const vec w[3], vec to[6])
{
  if (m == 2) {
    const vec outer = (w[0] + w[2]) * (real)0.5, middle = w[1] * (real)0.5;
    to[0] = w[0];
    to[1] = outer + middle;
    to[2] = outer - middle;
    to[3] = w[2];
    return;
  }
  const vec near = w[1] * (MS_NEAR * MS_AT_NEAR), near_even = (w[0] + MS_NEAR2 * w[2]) * MS_AT_NEAR;
  const vec far = w[1] * (MS_FAR * MS_AT_FAR), far_even = (w[0] + MS_FAR2 * w[2]) * MS_AT_FAR;
  to[0] = w[0] * MS_AT_ZERO;
  ms_line_points(near_even, near, far_even, far, to);
  to[5] = w[2];
}

/* m + 2 sums of products to the gradients of 3 weights: G' */
MS_INLINE void ms_line_weight_gradient(const int m, const vec s[6], vec to[3])
{
  if (m == 2) {
    const vec even = (s[1] + s[2]) * (real)0.5;
    to[0] = s[0] + even;
    to[1] = (s[1] - s[2]) * (real)0.5;
    to[2] = even + s[3];
    return;
  }
  const vec near = (s[1] + s[2]) * MS_AT_NEAR, far = (s[3] + s[4]) * MS_AT_FAR;
  to[0] = s[0] * MS_AT_ZERO + near + far;
  to[1] = (s[1] - s[2]) * (MS_NEAR * MS_AT_NEAR) + (s[3] - s[4]) * (MS_FAR * MS_AT_FAR);
  to[2] = MS_NEAR2 * near + (MS_FAR2 * far + s[5]);
}

#endif
