/* exp with the very bits of the C library (glibc since 2.28), in a form that makes vectors:
   networks that were trained with it give the same numbers today. Without fused multiply-adds, and
   for doubles, it is the C library itself. */
#include "exp.h"

#include <string.h>

#include "../simd/vmath_wide.h"
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#if defined(MS_DOUBLE) || !defined(__FMA__)
#ifdef MS_DOUBLE
#define EXP exp
#else
#define EXP expf
#endif
void MS_K(exp)(const real *x, real *y, size_t n, real sign)
{
  for (size_t i = 0; i < n; i++) y[i] = EXP(sign * x[i]);
}
#else

enum { STRIP = 64, POWERS = 32 };

/* The bits of 2^(i / 32), less i in the exponent's lowest bits and above the mantissa's. */
static const uint64_t powers[POWERS] = {
  0x3ff0000000000000u, 0x3fefd9b0d3158574u, 0x3fefb5586cf9890fu, 0x3fef9301d0125b51u,
  0x3fef72b83c7d517bu, 0x3fef54873168b9aau, 0x3fef387a6e756238u, 0x3fef1e9df51fdee1u,
  0x3fef06fe0a31b715u, 0x3feef1a7373aa9cbu, 0x3feedea64c123422u, 0x3feece086061892du,
  0x3feebfdad5362a27u, 0x3feeb42b569d4f82u, 0x3feeab07dd485429u, 0x3feea47eb03a5585u,
  0x3feea09e667f3bcdu, 0x3fee9f75e8ec5f74u, 0x3feea11473eb0187u, 0x3feea589994cce13u,
  0x3feeace5422aa0dbu, 0x3feeb737b0cdc5e5u, 0x3feec49182a3f090u, 0x3feed503b23e255du,
  0x3feee89f995ad3adu, 0x3feeff76f2fb5e47u, 0x3fef199bdd85529cu, 0x3fef3720dcef9069u,
  0x3fef5818dcfba487u, 0x3fef7c97337b9b5fu, 0x3fefa4afa2a490dau, 0x3fefd0765b6e4540u,
};

/* In place of each number, whose lowest bits are those of n, 2^(n / 32): the table's, and n in the
   exponent. */
#ifdef __AVX512F__
static void raise(double *x)
{
  __m512i part[POWERS / 8]; /* the table in registers */
  for (int i = 0; i < POWERS / 8; i++) part[i] = _mm512_loadu_si512(powers + 8 * i);
  for (int i = 0; i < STRIP; i += 8) {
    const __m512i n = _mm512_loadu_si512(x + i);
    const __m512i low = _mm512_permutex2var_epi64(part[0], n, part[1]);
    const __m512i high = _mm512_permutex2var_epi64(part[2], n, part[3]);
    const __mmask8 upper = _mm512_test_epi64_mask(n, _mm512_set1_epi64(POWERS / 2));
    const __m512i power = _mm512_mask_blend_epi64(upper, low, high);
    _mm512_storeu_si512(x + i, _mm512_add_epi64(power, _mm512_slli_epi64(n, 47)));
  }
}
#else
static void raise(double *x)
{
  for (int i = 0; i < STRIP; i++) {
    const uint64_t n = ms_bits_of(x[i]);
    x[i] = ms_of_bits(powers[n % POWERS] + (n << 47));
  }
}
#endif

/* e^x = 2^(n / 32) 2^(r / 32) with |r| <= 1/2, in double precision. */
static void strip(const float *x, float *y, float sign)
{
  const double STEPS = 0x1.71547652b82fep0 * POWERS;
  double r[STRIP], scale[STRIP];
  for (int i = 0; i < STRIP; i++) {
    const double of = sign * x[i];
    scale[i] = of * STEPS + MS_WIDE_ROUND;
    r[i] = of * STEPS - (scale[i] - MS_WIDE_ROUND);
  }
  raise(scale);
  for (int i = 0; i < STRIP; i++) {
    const float of = sign * x[i];
    const double p = r[i] * (0x1.c6af84b912394p-5 / 32768) + 0x1.ebfce50fac4f3p-3 / 1024;
    const double q = r[i] * (0x1.62e42ff0c52d6p-1 / 32) + 1;
    const float e = (float)((p * (r[i] * r[i]) + q) * scale[i]);
    y[i] = of > 89 ? INFINITY : of < -104 ? 0 : e;
  }
}

void MS_K(exp)(const real *x, real *y, size_t n, real sign)
{
  float room[STRIP] = { 0 };
  size_t i = 0;
  for (; i + STRIP <= n; i += STRIP) strip(x + i, y + i, sign);
  if (i == n) return;
  memcpy(room, x + i, (n - i) * sizeof *x);
  strip(room, room, sign);
  memcpy(y + i, room, (n - i) * sizeof *y);
}
#endif
