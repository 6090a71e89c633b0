/* Fourier transforms of several lines at once, a line to each lane of the registers: Stockham's
   stages, which leave the points in order. */
#include "fft_lanes.h"

#include <string.h>

#include "../simd/isa.h"
#include "../simd/shuffle.h"

/* A point of all lines. */
typedef struct point {
  vec re, im;
} point;

/* Points of a buffer: real parts at re, imaginary parts at im; the inverse has them the other way
   round. */
typedef struct points {
  real *re, *im;
} points;

enum { STEP = 2 * MS_LANES };

MS_INLINE point load(points x, size_t at)
{
  return (point){ *(const vec *)(x.re + at * STEP), *(const vec *)(x.im + at * STEP) };
}

MS_INLINE void store(points y, size_t at, point a)
{
  *(vec *)(y.re + at * STEP) = a.re;
  *(vec *)(y.im + at * STEP) = a.im;
}

MS_INLINE point add(point a, point b) { return (point){ a.re + b.re, a.im + b.im }; }
MS_INLINE point sub(point a, point b) { return (point){ a.re - b.re, a.im - b.im }; }
MS_INLINE point scale(point a, real s) { return (point){ a.re * s, a.im * s }; }
MS_INLINE point times(point a, real c, real s)
{
  return (point){ a.re * c - a.im * s, a.re * s + a.im * c };
}
MS_INLINE point down(point a) { return (point){ a.im, 0 - a.re }; } /* times -i */

/* ---- butterflies: b[j] = sum of a[k] exp(-2 pi i j k / r) ----------------------------- */
MS_INLINE void butterfly2(const point *a, point *b)
{
  b[0] = add(a[0], a[1]);
  b[1] = sub(a[0], a[1]);
}

MS_INLINE void butterfly3(const point *a, point *b)
{
  const real height = (real)0.86602540378443864676;
  const point sum = add(a[1], a[2]), off = down(scale(sub(a[1], a[2]), height));
  const point mid = sub(a[0], scale(sum, (real)0.5));
  b[0] = add(a[0], sum);
  b[1] = add(mid, off);
  b[2] = sub(mid, off);
}

MS_INLINE void butterfly4(const point *a, point *b)
{
  const point s = add(a[0], a[2]), d = sub(a[0], a[2]);
  const point t = add(a[1], a[3]), u = down(sub(a[1], a[3]));
  b[0] = add(s, t);
  b[1] = add(d, u);
  b[2] = sub(s, t);
  b[3] = sub(d, u);
}

MS_INLINE void butterfly5(const point *a, point *b)
{
  const real c1 = (real)0.30901699437494742410, c2 = (real)-0.80901699437494742410;
  const real s1 = (real)0.95105651629515357212, s2 = (real)0.58778525229247312917;
  const point t1 = add(a[1], a[4]), t2 = add(a[2], a[3]);
  const point t3 = sub(a[1], a[4]), t4 = sub(a[2], a[3]);
  const point m1 = add(a[0], add(scale(t1, c1), scale(t2, c2)));
  const point m2 = add(a[0], add(scale(t1, c2), scale(t2, c1)));
  const point n1 = down(add(scale(t3, s1), scale(t4, s2)));
  const point n2 = down(sub(scale(t3, s2), scale(t4, s1)));
  b[0] = add(a[0], add(t1, t2));
  b[1] = add(m1, n1);
  b[2] = add(m2, n2);
  b[3] = sub(m2, n2);
  b[4] = sub(m1, n1);
}

MS_INLINE void butterfly8(const point *a, point *b)
{
  const real half = (real)0.70710678118654752440;
  const point even[4] = { a[0], a[2], a[4], a[6] }, odd[4] = { a[1], a[3], a[5], a[7] };
  point e[4], o[4];
  butterfly4(even, e);
  butterfly4(odd, o);
  o[1] = scale((point){ o[1].re + o[1].im, o[1].im - o[1].re }, half);
  o[2] = down(o[2]);
  o[3] = scale((point){ o[3].im - o[3].re, 0 - o[3].re - o[3].im }, half);
  for (int j = 0; j < 4; j++) {
    b[j] = add(e[j], o[j]);
    b[j + 4] = sub(e[j], o[j]);
  }
}

/* ---- stages --------------------------------------------------------------------------------- */
/* m: points of a line over radices up to this one; s: the product of those before. */
#define STAGE(r)                                                                          \
  static void stage##r(const real *factor, size_t m, size_t s, points x, points y)        \
  {                                                                                       \
    for (size_t p = 0; p < m; p++, factor += 2 * (r - 1))                                 \
      for (size_t q = 0; q < s; q++) {                                                    \
        point a[r], b[r];                                                                 \
        MS_UNROLL                                                                         \
        for (size_t k = 0; k < r; k++) a[k] = load(x, q + s * (p + m * k));               \
        butterfly##r(a, b);                                                               \
        store(y, q + s * r * p, b[0]);                                                    \
        MS_UNROLL                                                                         \
        for (size_t j = 1; j < r; j++)                                                    \
          store(y, q + s * (r * p + j),                                                   \
                p ? times(b[j], factor[2 * j - 2], factor[2 * j - 1]) : b[j]);            \
      }                                                                                   \
  }

STAGE(2)
STAGE(3)
STAGE(4)
STAGE(5)
STAGE(8)

static points points_of(real *x, int back)
{
  return (points){ x + (back ? MS_LANES : 0), x + (back ? 0 : MS_LANES) };
}

static real *transform(const ms_lane_plan *plan, int back, real *x, real *y)
{
  size_t m = plan->n, s = 1;
  for (int k = 0; k < plan->stages; k++) {
    const size_t r = (size_t)plan->radix[k];
    const points from = points_of(x, back), to = points_of(y, back);
    m /= r;
    if (r == 2) stage2(plan->factor[k], m, s, from, to);
    if (r == 3) stage3(plan->factor[k], m, s, from, to);
    if (r == 4) stage4(plan->factor[k], m, s, from, to);
    if (r == 5) stage5(plan->factor[k], m, s, from, to);
    if (r == 8) stage8(plan->factor[k], m, s, from, to);
    s *= r;
    real *other = x;
    x = y;
    y = other;
  }
  return x;
}

/* ---- real numbers --------------------------------------- */
static void split(const real *turn, size_t half, const real *x, real *y)
{
  const points from = points_of((real *)x, 0), to = points_of(y, 0);
  for (size_t k = 0; k <= half; k++) {
    const point a = load(from, k % half), c = load(from, (half - k) % half);
    const point b = { c.re, 0 - c.im };
    const point sum = scale(add(a, b), (real)0.5), off = scale(down(sub(a, b)), (real)0.5);
    store(to, k, add(sum, times(off, turn[2 * k], turn[2 * k + 1])));
  }
}

static void join(const real *turn, size_t half, const real *x, real *y)
{
  const points from = points_of((real *)x, 0), to = points_of(y, 0);
  for (size_t k = 0; k < half; k++) {
    point a = load(from, k), c = load(from, half - k);
    if (!k) a.im = c.im = (vec){ 0 }; /* ignored */
    const point b = { c.re, 0 - c.im };
    const point off = times(sub(a, b), turn[2 * k], 0 - turn[2 * k + 1]);
    store(to, k, sub(add(a, b), down(off)));
  }
}

/* ---- lines in and out of lanes --------------------------------------- */
#ifdef MS_DOUBLE
typedef long long place_number;
#else
typedef int place_number;
#endif
typedef place_number places __attribute__((vector_size(MS_VEC_BYTES)));

/* Where the lanes of two rows a distance apart go while a square is transposed: bit `distance` of
   the row and of the lane change places. */
typedef struct swaps {
  places upper, lower;
} swaps;

static const union {
  place_number number[16];
  places all;
} lane = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

MS_INLINE swaps swaps_of(int distance)
{
  const places on = (lane.all & distance) != 0; /* -1 or 0 */
  const places upper = lane.all + (on & (MS_LANES - distance));
  return (swaps){ upper, upper + distance };
}

/* MS_LANES rows of as many numbers, transposed. */
MS_INLINE void turn_square(vec row[MS_LANES])
{
  MS_UNROLL
  for (int d = 1; d < MS_LANES; d *= 2) {
    const swaps s = swaps_of(d);
    MS_UNROLL
    for (int i = 0; i < MS_LANES; i++) {
      if (i & d) continue;
      const vec a = row[i], b = row[i + d];
      row[i] = MS_SHUFFLE_TWO(a, b, s.upper);
      row[i + d] = MS_SHUFFLE_TWO(a, b, s.lower);
    }
  }
}

static void gather(const real *const *from, size_t lines, size_t n, real *to)
{
  size_t i = 0;
  for (; lines == MS_LANES && i + MS_LANES <= n; i += MS_LANES) {
    vec row[MS_LANES];
    MS_UNROLL
    for (int r = 0; r < MS_LANES; r++) row[r] = *(const vec_u *)(from[r] + i);
    turn_square(row);
    MS_UNROLL
    for (size_t r = 0; r < MS_LANES; r++) *(vec *)(to + (i + r) * MS_LANES) = row[r];
  }
  for (; i < n; i++)
    for (size_t r = 0; r < MS_LANES; r++) to[i * MS_LANES + r] = r < lines ? from[r][i] : 0;
}

static void scatter(const real *from, size_t lines, size_t n, real *const *to)
{
  size_t i = 0;
  for (; lines == MS_LANES && i + MS_LANES <= n; i += MS_LANES) {
    vec row[MS_LANES];
    MS_UNROLL
    for (size_t r = 0; r < MS_LANES; r++) row[r] = *(const vec *)(from + (i + r) * MS_LANES);
    turn_square(row);
    MS_UNROLL
    for (int r = 0; r < MS_LANES; r++) *(vec_u *)(to[r] + i) = row[r];
  }
  for (; i < n; i++)
    for (size_t r = 0; r < lines; r++) to[r][i] = from[i * MS_LANES + r];
}

const ms_fft_lanes_kernels MS_K(fft_lanes) = {
  .lanes = MS_LANES, .transform = transform, .gather = gather, .scatter = scatter, .split = split,
  .join = join,
};
