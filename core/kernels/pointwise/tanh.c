/* tanh with the very bits of the C library (glibc before 2.39, whose method is fdlibm's), in a form
   that makes vectors: networks that were trained with it give the same numbers today. For that
   nothing here may be fused: CMakeLists.txt compiles this file with -ffp-contract=off. Selections
   take the place of the library's branches. */
#include "tanh.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef MS_DOUBLE
void MS_K(tanh)(const real *x, real *y, size_t n)
{
  for (size_t i = 0; i < n; i++) y[i] = tanh(x[i]);
}
#else

static inline uint32_t bits_of(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float of_bits(uint32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* yes ? a : b, by bits: the compiler makes no branch of it. */
static inline float pick(int yes, float a, float b)
{
  const uint32_t mask = 0u - (uint32_t)yes;
  return of_bits((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

/* e^x - 1 = 2^k (e^r - 1) + 2^k - 1, of x from -2 to 44, put together as k asks for: `one` and
   `less` are 1 - 2^-k and 0 from k = 0 on, 0 and 1/2 at -1, 1 and 1 below. The library rounds k in
   another way, which comes to the same. */
static inline float expm1_of(float of)
{
  const float high = 0x1.62e3p-1f, low = 0x1.2fefa2p-17f, ROUND = 0x1.8p23f; /* of ln 2 */
  const float k = 0x1.715476p0f * of + ROUND - ROUND;
  const uint32_t raise = (uint32_t)(int)k << 23; /* what adds k to an exponent; of NaN 0 */
  const float hi = of - k * high, lo = k * low, x = hi - lo, lost = (hi - x) - lo;
  const float h = 0.5f * x, s = x * h;
  const float p = 1.0f + s * (-0x1.111112p-5f + s * (0x1.a01a02p-10f + s * (-0x1.4ce19ap-14f +
                  s * (0x1.0cfca8p-18f + s * -0x1.afdb76p-23f))));
  const float t = 3.0f - p * h, e0 = s * ((p - t) / (6.0f - x * t));
  const float e = (x * (e0 - lost) - lost) - s;
  const float power = of_bits(bits_of(1) - raise); /* 2^-k */
  const float less = pick(k < 0, pick(k < -1, 1, 0.5f), 0);
  const float plain = 1 - power, near = 2 * less - 1, one = plain > near ? plain : near;
  return of_bits(bits_of(one - (e - x)) + raise) - less;
}

/* Of a = |x|: 1 - 2 / (e^2a + 1) from 1 on, else (1 - e^-2a) / (1 + e^-2a). From 22 on it is 1. */
static inline float tanh_of(float x)
{
  const float a = fabsf(x), b = pick(a > 22, 22, a);
  const int near = b < 1;
  const float t = expm1_of(b * pick(near, -2, 2)), z = pick(near, -t, 2) / (t + 2);
  return copysignf(pick(near, 0, 1) - z, x);
}

void MS_K(tanh)(const real *x, real *y, size_t n)
{
  for (size_t i = 0; i < n; i++) y[i] = tanh_of(x[i]);
}
#endif
