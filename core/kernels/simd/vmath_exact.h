/* exp and tanh with the very bits of the C library (glibc since 2.28 for exp, up to 2.38 for tanh),
   in a form that makes vectors: networks that were trained with its functions give the same numbers
   today. Without fused multiply-adds, and for doubles, it is the C library itself. */
#ifndef MS_VMATH_EXACT_H
#define MS_VMATH_EXACT_H

#include "vmath_wide.h"

#if defined(MS_DOUBLE)
static inline real ms_xexp(real x) { return exp(x); }
#elif !defined(__FMA__)
static inline real ms_xexp(real x) { return expf(x); }
#else

/* The bits of 2^(i / 32), less i in the exponent's lowest bits and above the mantissa's. */
static const uint64_t ms_powers_of_2[32] = {
  0x3ff0000000000000u, 0x3fefd9b0d3158574u, 0x3fefb5586cf9890fu, 0x3fef9301d0125b51u,
  0x3fef72b83c7d517bu, 0x3fef54873168b9aau, 0x3fef387a6e756238u, 0x3fef1e9df51fdee1u,
  0x3fef06fe0a31b715u, 0x3feef1a7373aa9cbu, 0x3feedea64c123422u, 0x3feece086061892du,
  0x3feebfdad5362a27u, 0x3feeb42b569d4f82u, 0x3feeab07dd485429u, 0x3feea47eb03a5585u,
  0x3feea09e667f3bcdu, 0x3fee9f75e8ec5f74u, 0x3feea11473eb0187u, 0x3feea589994cce13u,
  0x3feeace5422aa0dbu, 0x3feeb737b0cdc5e5u, 0x3feec49182a3f090u, 0x3feed503b23e255du,
  0x3feee89f995ad3adu, 0x3feeff76f2fb5e47u, 0x3fef199bdd85529cu, 0x3fef3720dcef9069u,
  0x3fef5818dcfba487u, 0x3fef7c97337b9b5fu, 0x3fefa4afa2a490dau, 0x3fefd0765b6e4540u,
};

/* e^x = 2^(n / 32) 2^(r / 32) with |r| <= 1/2, in double precision. */
static inline float ms_xexp(float of)
{
  const double x = of, shifted = x * (0x1.71547652b82fep0 * 32) + MS_WIDE_ROUND;
  const double r = x * (0x1.71547652b82fep0 * 32) - (shifted - MS_WIDE_ROUND);
  const uint64_t n = ms_bits_of(shifted);
  const double scale = ms_of_bits(ms_powers_of_2[n & 31] + (n << 47));
  const double p = r * (0x1.c6af84b912394p-5 / 32768) + 0x1.ebfce50fac4f3p-3 / 1024;
  const double q = r * (0x1.62e42ff0c52d6p-1 / 32) + 1;
  const float y = (float)((p * (r * r) + q) * scale);
  return of > 89 ? INFINITY : of < -104 ? 0 : y;
}
#endif

#endif
