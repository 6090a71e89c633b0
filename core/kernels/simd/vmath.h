/* exp, log, tanh and erf for loops that the compiler turns into vectors: no branch, no table. For
   floats the polynomials were fitted here (weighted least squares on Chebyshev points): erf is
   within 2e-7 of the truth, the others within 2e-7 of their own size. Doubles take the C
   library's. */
#ifndef MS_VMATH_H
#define MS_VMATH_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../../base/real.h"

#ifdef MS_DOUBLE
static inline real ms_vexp(real x) { return exp(x); }
static inline real ms_vlog(real x) { return log(x); }
static inline real ms_verf(real x) { return erf(x); }
static inline real ms_vtanh(real x) { return tanh(x); }
#else

/* e^x = 2^n e^r with |r| <= ln 2 / 2. Adding ROUND leaves n in the low bits of the sum, which then
   goes straight into the exponent. Below LEAST (1.2e-38) it is 0, above MOST infinite; NaN stays,
   whatever its bits. */
static inline float ms_vexp(float x)
{
  const float ROUND = 0x1.8p23f, LEAST = -87.3f, MOST = 88.7228f;
  float shifted = x * 1.44269504f + ROUND, n = shifted - ROUND;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f; /* ln 2 in two parts */
  float p = 0.00139421608f;
  p = p * r + 0.00836377614f;
  p = p * r + 0.0416663635f;
  p = p * r + 0.166665734f;
  p = p * r + 0.500000003f;
  p = p * r * r + r + 1.0f;
  uint32_t bits, power;
  memcpy(&power, &shifted, sizeof power);
  memcpy(&bits, &p, sizeof bits);
  bits += power << 23;
  memcpy(&p, &bits, sizeof p);
  p = x <= MOST ? p : x * INFINITY;
  return x < LEAST ? 0 : p;
}

/* ln x = n ln 2 + ln(1 + f) with 1 + f from sqrt(1/2) to sqrt(2), read off x's bits. What is no
   normal number: 0 and below its smallest give -infinity, less than 0 NaN; infinity and NaN
   stay. */
static inline float ms_vlog(float x)
{
  uint32_t bits, part;
  memcpy(&bits, &x, sizeof bits);
  const int32_t power = (int32_t)(bits - 0x3f3504f3u) >> 23;
  float f, n = (float)power, p = -0.0736286789f;
  part = bits - ((uint32_t)power << 23);
  memcpy(&f, &part, sizeof f);
  f -= 1.0f;
  p = p * f + 0.126203269f;
  p = p * f - 0.13202104f;
  p = p * f + 0.142271146f;
  p = p * f - 0.166213706f;
  p = p * f + 0.19999826f;
  p = p * f - 0.250008523f;
  p = p * f + 0.333333552f;
  /* ln 2 in two parts */
  p = n * 0.693359375f + (f + (f * f * (f * p - 0.5f) - n * 2.12194440e-4f));
  p = x < FLT_MIN ? -INFINITY : p;
  p = x < 0 ? NAN : p;
  return x <= FLT_MAX ? p : x;
}

/* Near 0 an odd polynomial, from 0.625 on by the exponential. */
static inline float ms_vtanh(float x)
{
  const float a = x < 0 ? -x : x, s = x * x;
  float near = -0.0057040425f;
  near = near * s + 0.020637862f;
  near = near * s - 0.053739157f;
  near = near * s + 0.13331431f;
  near = near * s - 0.3333328f;
  near = a + a * s * near;
  const float far = 1.0f - 2.0f / (ms_vexp(2.0f * a) + 1.0f);
  return copysignf(a < 0.625f ? near : far, x);
}

/* Near 0 an odd polynomial; from 1 on 1 - exp(-polynomial in |x|); from 4 on 1. */
static inline float ms_verf(float x)
{
  float a = x < 0 ? -x : x, s = x * x, near = 7.88911926e-05f, far = -0.000191500557f;
  a = a > 4.0f ? 4.0f : a;
  near = near * s - 0.00080208412f;
  near = near * s + 0.00518953533f;
  near = near * s - 0.0268544446f;
  near = near * s + 0.112836002f;
  near = near * s - 0.376126271f;
  near = near * s + 1.12837917f;
  near = near * x;
  far = far * a + 0.00299951213f;
  far = far * a - 0.0220519068f;
  far = far * a + 0.103566744f;
  far = far * a + 0.637600169f;
  far = far * a + 1.12742603f;
  far = far * a + 0.000256456784f;
  far = 1.0f - ms_vexp(-far);
  far = x < 0 ? -far : far;
  return a < 1.0f ? near : far;
}
#endif

#endif
