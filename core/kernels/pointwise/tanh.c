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

/* y 2^k, by the exponent. */
static inline float scaled(float y, int k)
{
  return of_bits(bits_of(y) + ((uint32_t)k << 23));
}

/* x less its k times ln 2, and what rounding took from that. */
typedef struct reduced {
  float x, lost;
  int k;
} reduced;

static inline reduced reduce(float x)
{
  const float high = 0x1.62e3p-1f, low = 0x1.2fefa2p-17f; /* of ln 2 */
  const float size = fabsf(x), one = copysignf(1, x);
  const int far = size > 0x1.62e43p-2f; /* ln 2 / 2 */
  const float many = (float)(int)(0x1.715476p0f * x + copysignf(0.5f, x));
  const float t = pick(size < 0x1.0a2b24p0f, one, many); /* below 3 / 2 ln 2 one step */
  const float hi = x - t * high, lo = t * low, r = hi - lo;
  return (reduced){ pick(far, r, x), pick(far, (hi - r) - lo, 0), (int)pick(far, t, 0) };
}

/* e^x - 1 = 2^k (e^r - 1) + 2^k - 1, of x from -2 to 44, put together as k asks for. */
static inline float expm1_of(float of)
{
  const reduced r = reduce(of);
  const int k = r.k;
  const float x = r.x, h = 0.5f * x, s = x * h;
  const float p = 1.0f + s * (-0x1.111112p-5f + s * (0x1.a01a02p-10f + s * (-0x1.4ce19ap-14f +
                  s * (0x1.0cfca8p-18f + s * -0x1.afdb76p-23f))));
  const float t = 3.0f - p * h, e0 = s * ((p - t) / (6.0f - x * t));
  const float e = (x * (e0 - r.lost) - r.lost) - s;
  const float power = of_bits((uint32_t)(0x7f - k) << 23); /* 2^-k */
  const float above = scaled((1.0f - power) - (e - x), k);
  const float below = scaled(1.0f - (e - x), k) - 1.0f;
  const float y = pick(k == -1, 0.5f * (x - e) - 0.5f, pick(of < 0, below, above));
  return pick(k == 0, x - (x * e0 - s), y);
}

/* Of a = |x|: 1 - 2 / (e^2a + 1) from 1 on, else (1 - e^-2a) / (1 + e^-2a). From 22 on it is 1. */
static inline float tanh_of(float x)
{
  const float a = fabsf(x), b = pick(a > 22, 22, a);
  const int near = b < 1;
  const float t = expm1_of(pick(near, -2 * b, 2 * b)), z = pick(near, -t, 2) / (t + 2);
  return copysignf(pick(near, z, 1 - z), x);
}

void MS_K(tanh)(const real *x, real *y, size_t n)
{
  for (size_t i = 0; i < n; i++) y[i] = tanh_of(x[i]);
}
#endif
