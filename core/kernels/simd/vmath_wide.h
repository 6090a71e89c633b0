/* More functions for loops that the compiler turns into vectors. Floats are computed in double
   precision, where nothing needs care to be right, from polynomials fitted here (weighted least
   squares on Chebyshev points) to 1e-10 of the result and better; rounding to float is then all of
   the error. Doubles take the C library's. Selections take the place of branches. */
#ifndef MS_VMATH_WIDE_H
#define MS_VMATH_WIDE_H

#include "vmath.h"

#define MS_PI 3.14159265358979323846
#define MS_LN2 0.693147180559945309417

static inline uint64_t ms_bits_of(double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double ms_of_bits(uint64_t bits)
{
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* yes ? a : b, by bits, where the compiler would make a branch of it. */
static inline double ms_wpick(int yes, double a, double b)
{
  const uint64_t mask = 0u - (uint64_t)yes;
  return ms_of_bits((ms_bits_of(a) & mask) | (ms_bits_of(b) & ~mask));
}

/* The nearest whole number, for |x| below 2^51; its lowest bits are those of x + ROUND. */
#define MS_WIDE_ROUND 0x1.8p52
static inline double ms_wround(double x)
{
  return x + MS_WIDE_ROUND - MS_WIDE_ROUND;
}

/* -1 where the whole number n is odd, else 1. */
static inline double ms_wsign_of(double n)
{
  return ms_of_bits(ms_bits_of(n + MS_WIDE_ROUND) << 63 | ms_bits_of(1.0));
}

/* e^x - 1 = 2^n (e^r - 1) + (2^n - 1), |r| <= ln 2 / 2. Beyond +-300, which no float tells from
   infinity and 0, x counts as that. */
static inline double ms_wexpm1(double x)
{
  x = x > 300 ? 300 : x < -300 ? -300 : x;
  const double n = ms_wround(x * (1 / MS_LN2)), r = x - n * MS_LN2;
  const double scale = ms_of_bits((ms_bits_of(n + MS_WIDE_ROUND) << 52) + ms_bits_of(1.0));
  double p = 2.4638288092972035e-05;
  p = p * r + 0.00019909388425222414;
  p = p * r + 0.0013889372544622204;
  p = p * r + 0.008333281008585667;
  p = p * r + 0.041666663036186956;
  p = p * r + 0.16666666787821904;
  p = p * r + 0.5000000000749165;
  return scale * (p * r * r + r) + (scale - 1);
}

static inline double ms_wexp(double x)
{
  return ms_wexpm1(x) + 1;
}

/* ln(1 + f) of f from sqrt(1/2) - 1 to sqrt(2) - 1, by the series of atanh. */
static inline double ms_wlog_near(double f)
{
  const double s = f / (2 + f), z = s * s;
  double p = 0.16836920093616367;
  p = p * z + 0.18122246849871176;
  p = p * z + 0.22223414033377417;
  p = p * z + 0.2857141654520268;
  p = p * z + 0.40000000055828516;
  p = p * z + 0.6666666666657999;
  return s * (p * z + 2);
}

/* The power n of 2 by which x, a positive normal number, is larger than one near 1. */
static inline double ms_wexponent(double x)
{
  const uint64_t biased = (ms_bits_of(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  return ms_of_bits(biased | ms_bits_of(0x1p52)) - (0x1p52 + 1023);
}

/* x / 2^n. */
static inline double ms_wmantissa(double x, double n)
{
  return ms_of_bits(ms_bits_of(x) - (ms_bits_of(n + MS_WIDE_ROUND) << 52));
}

static inline double ms_wlog_special(double x, double y)
{
  y = x == 0 ? -INFINITY : y;
  y = x < 0 ? NAN : y;
  return x <= DBL_MAX ? y : x;
}

static inline double ms_wlog(double x)
{
  const double n = ms_wexponent(x), y = ms_wlog_near(ms_wmantissa(x, n) - 1) + n * MS_LN2;
  return ms_wlog_special(x, y);
}

static inline double ms_wlog2(double x)
{
  const double n = ms_wexponent(x), y = ms_wlog_near(ms_wmantissa(x, n) - 1);
  return ms_wlog_special(x, y * (1 / MS_LN2) + n);
}

static inline double ms_wlog1p(double x)
{
  const double u = 1 + x, n = ms_wexponent(u), f = n == 0 ? x : ms_wmantissa(u, n) - 1;
  return ms_wlog_special(u, ms_wlog_near(f) + n * MS_LN2);
}

/* x - n pi in parts whose products with n are exact where multiply-adds are fused, else up to
   2^20: beyond, the result is within 2e-7. */
static inline double ms_wreduced(double x, double n)
{
  return x - n * 0x1.921fb544p1 - n * 0x1.0b4611a6p-33 - n * 0x1.3198a2e037073p-68;
}

#define MS_ANGLES_MOST ((real)0x1p30) /* beyond, the C library takes whole turns off */

/* sin r, |r| <= pi / 2. */
static inline double ms_wsin_near(double r)
{
  const double z = r * r;
  double p = -2.3885863294697826e-08;
  p = p * z + 2.7525188918761518e-06;
  p = p * z - 0.00019840863775667566;
  p = p * z + 0.008333331067333595;
  p = p * z - 0.16666666624864024;
  return p * z * r + r;
}

static inline double ms_wsin(double x)
{
  const double n = ms_wround(x * (1 / MS_PI));
  return ms_wsign_of(n) * ms_wsin_near(ms_wreduced(x, n));
}

static inline double ms_wcos(double x)
{
  const double n = ms_wround(x * (1 / MS_PI) - 0.5);
  return -ms_wsign_of(n) * ms_wsin_near(ms_wreduced(x, n + 0.5));
}

/* sin r / cos r, or where a whole number of pi / 2 was taken off - cos r / sin r. */
static inline double ms_wtan(double x)
{
  const double n = ms_wround(x * (2 / MS_PI)), r = ms_wreduced(x, n * 0.5), z = r * r;
  const int odd = ms_wsign_of(n) < 0;
  double s = 2.718000616536273e-06, c = 2.438221770030004e-05;
  s = s * z - 0.00019839297030330887;
  s = s * z + 0.008333329245036854;
  s = s * z - 0.1666666664008747;
  s = s * z * r + r;
  c = c * z - 0.0013886664449865845;
  c = c * z + 0.04166661967162792;
  c = c * z - 0.4999999968616678;
  c = c * z + 1;
  return (odd ? -c : s) / (odd ? s : c);
}

/* The angle from 0 to pi / 2 whose tangent is up / down; neither is negative. */
static inline double ms_wangle(double up, double down)
{
  const int both = up == down, steep = up > 2.414213562373095 * down;
  const int middle = up > 0.41421356237309503 * down;
  const double top = steep ? -down : middle ? up - down : up;
  const double bottom = steep ? up : middle ? up + down : down;
  const double s = top / bottom, z = s * s;
  double p = -0.03787974398542895;
  p = p * z + 0.06988495051127441;
  p = p * z - 0.0899618380033765;
  p = p * z + 0.11103924962702683;
  p = p * z - 0.1428541872388911;
  p = p * z + 0.19999994181595118;
  p = p * z - 0.333333332942052;
  p = p * z * s + s + (steep ? MS_PI / 2 : middle ? MS_PI / 4 : 0);
  return both ? (up == 0 ? 0 : MS_PI / 4) : p; /* 0 / 0, infinity / infinity */
}

static inline double ms_watan2(double y, double x)
{
  const double r = ms_wangle(fabs(y), fabs(x));
  return copysign(copysign(1, x) < 0 ? MS_PI - r : r, y);
}

/* asin s = s + s z P(z), z = s^2 <= 1/4. */
static inline double ms_wasin_near(double s, double z)
{
  double p = 0.0328743143575246;
  p = p * z + 0.0020143290845925886;
  p = p * z + 0.02063318048270959;
  p = p * z + 0.021868205933835906;
  p = p * z + 0.030426279105539872;
  p = p * z + 0.044640719157614854;
  p = p * z + 0.07500004965537481;
  p = p * z + 0.1666666662720219;
  return p * z * s + s;
}

/* Beyond 1/2 the angle is pi / 2 - 2 asin sqrt((1 - |x|) / 2). */
static inline double ms_wasin(double x)
{
  const double a = fabs(x), z = a > 0.5 ? (1 - a) / 2 : a * a, s = a > 0.5 ? sqrt(z) : a;
  const double y = ms_wasin_near(s, z);
  return copysign(a > 0.5 ? MS_PI / 2 - 2 * y : y, x);
}

static inline double ms_wacos(double x)
{
  const double a = fabs(x), z = a > 0.5 ? (1 - a) / 2 : a * a, s = a > 0.5 ? sqrt(z) : a;
  const double y = ms_wasin_near(s, z);
  return a > 0.5 ? (x < 0 ? MS_PI - 2 * y : 2 * y) : x < 0 ? MS_PI / 2 + y : MS_PI / 2 - y;
}

static inline double ms_wsinh(double x)
{
  const double t = ms_wexpm1(fabs(x));
  return copysign((t + t / (t + 1)) / 2, x);
}

static inline double ms_wcosh(double x)
{
  const double e = ms_wexp(fabs(x));
  return (e + 1 / e) / 2;
}

static inline double ms_wexp2(double x)
{
  return ms_wexp(x * MS_LN2);
}

/* ln(a + sqrt(a^2 + 1)) of a = |x|, by what that has beyond 1. */
static inline double ms_wasinh(double x)
{
  const double a = fabs(x), z = a * a;
  const double y = a > FLT_MAX ? a : a + z / (1 + sqrt(z + 1));
  return copysign(ms_wlog1p(y), x);
}

static inline double ms_wacosh(double x)
{
  const double a = x - 1;
  return ms_wlog1p(a + sqrt(a * a + 2 * a));
}

static inline double ms_watanh(double x)
{
  const double a = fabs(x), y = ms_wlog1p(2 * a / (1 - a)) / 2;
  return a > 1 ? (double)NAN : copysign(y, x);
}

static inline double ms_whypot(double a, double b)
{
  const double y = sqrt(a * a + b * b);
  return fabs(a) == (double)INFINITY || fabs(b) == (double)INFINITY ? (double)INFINITY : y;
}

/* a^b, as C defines it for zeros, infinities and NaN. */
static inline double ms_wpow(double a, double b)
{
  const double size = fabs(a), y = ms_wexp(b * ms_wlog(size)), whole = floor(b);
  const int odd = whole == b && floor(b / 2) * 2 != b;
  double p = odd ? copysign(y, a) : y;
  p = a < 0 && whole != b && size <= DBL_MAX ? (double)NAN : p;
  p = size == 1 && fabs(b) == (double)INFINITY ? 1 : p;
  return a == 1 || b == 0 ? 1 : p;
}

/* ---- by number, in the precision of the build --------------------------------------------- */
#ifdef MS_DOUBLE
#define MS_WIDE_1(name) static inline real ms_v##name(real x) { return name(x); }
#define MS_WIDE_2(name) static inline real ms_v##name(real a, real b) { return name(a, b); }
#else
#define MS_WIDE_1(name) static inline real ms_v##name(real x) { return (real)ms_w##name(x); }
#define MS_WIDE_2(name) \
  static inline real ms_v##name(real a, real b) { return (real)ms_w##name(a, b); }
static inline double ms_watan(double x) { return copysign(ms_wangle(fabs(x), 1), x); }
#endif
MS_WIDE_1(sin)
MS_WIDE_1(cos)
MS_WIDE_1(tan)
MS_WIDE_1(asin)
MS_WIDE_1(acos)
MS_WIDE_1(atan)
MS_WIDE_1(sinh)
MS_WIDE_1(cosh)
MS_WIDE_1(asinh)
MS_WIDE_1(acosh)
MS_WIDE_1(atanh)
MS_WIDE_1(exp2)
MS_WIDE_1(expm1)
MS_WIDE_1(log1p)
MS_WIDE_1(log2)
MS_WIDE_2(atan2)
MS_WIDE_2(hypot)
MS_WIDE_2(pow)
#undef MS_WIDE_1
#undef MS_WIDE_2

/* ln(1 + e^x): of x above 0, x more than that of -x. ln(1 + t) by the series of atanh. */
static inline real ms_vsoftplus(real x)
{
  const real t = ms_vexp(x > 0 ? -x : x), above = x > 0 ? x : 0;
#ifdef MS_DOUBLE
  return above + log1p(t);
#else
  const float s = t / (2 + t), z = s * s;
  float p = 0.24309041515717408f;
  p = p * z + 0.21425383179081814f;
  p = p * z + 0.2861711608888965f;
  p = p * z + 0.39998867739814603f;
  p = p * z + 0.6666667577385966f;
  return above + s * (p * z + 2);
#endif
}

/* 1 / (1 + e^-x) */
static inline real ms_vsigmoid(real x)
{
  return 1 / (1 + ms_vexp(-x));
}

/* tanh(ln(1 + e^x)): with e = e^x, (1 + e)^2 - 1 of (1 + e)^2 + 1. */
static inline real ms_vtanh_softplus(real x)
{
  const real e = ms_vexp(x > 20 ? 20 : x), m = e * (e + 2);
  return x > 20 ? 1 : m / (m + 2);
}

/* The remainder of a / b: of the sign of a, exact. Each step takes off fifty digits of the quotient
   or mends the one before. */
static inline real ms_vfmod(real a, real b)
{
#if defined(MS_DOUBLE) || !defined(__FMA__)
  return (real)fmod(a, b);
#else
  const double size = fabs((double)b), inverse = 1 / size;
  double r = fabs((double)a);
  r = fma(-floor(r * inverse), size, r);
  r = fma(-floor(r * inverse), size, r);
  r = fma(-floor(r * inverse), size, r);
  r = fma(-floor(r * inverse), size, r);
  r = fma(-floor(r * inverse), size, r);
  r = fma(-floor(r * inverse), size, r);
  r = ms_wpick(r < 0, r + size, r);
  r = ms_wpick(r >= size, r - size, r);
  r = ms_wpick(size > FLT_MAX, fabs((double)a) * (double)!(fabsf(a) > FLT_MAX), r);
  return (real)copysign(r, a);
#endif
}

/* b where its sign and that of a remainder r differ, else 0. */
static inline real ms_vmend(real r, real b)
{
  return ((r < 0) & (b > 0)) | ((r > 0) & (b < 0)) ? b : 0;
}

/* The remainder of a / b: of the sign of b, as in Lua, Python and NumPy. */
static inline real ms_vremainder(real a, real b)
{
  const real r = ms_vfmod(a, b);
  return r + ms_vmend(r, b);
}

/* a / b rounded down, as Python and NumPy divide: what the remainder leaves is a whole number but
   for rounding. */
static inline real ms_vfloor_divide(real a, real b)
{
  const real r = ms_vfmod(a, b), q = (a - r) / b;
  const real down = ms_vmend(r, b) != 0 ? q - 1 : q;
#ifdef MS_DOUBLE
  const real whole = rint(down);
#else
  const real whole = rintf(down);
#endif
  return b == 0 ? a / b : whole;
}

#endif
