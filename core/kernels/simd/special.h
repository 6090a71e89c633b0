/* The logarithm of the gamma function, its derivatives, and the inverse of erf: in double precision
   by number, without branches. */
#ifndef MS_SPECIAL_H
#define MS_SPECIAL_H

#include "vmath_wide.h"

#ifdef MS_DOUBLE
#define MS_LOG log
#else
#define MS_LOG ms_wlog
#endif

/* sin pi r and cos pi r of r from -1/2 to 1/2, by their Taylor series. */
static inline double ms_wsin_pi(double r)
{
  const double x = r * MS_PI, z = x * x;
  double p = 1 / 51090942171709440000.0;
  p = p * z - 1 / 121645100408832000.0;
  p = p * z + 1 / 355687428096000.0;
  p = p * z - 1 / 1307674368000.0;
  p = p * z + 1 / 6227020800.0;
  p = p * z - 1 / 39916800.0;
  p = p * z + 1 / 362880.0;
  p = p * z - 1 / 5040.0;
  p = p * z + 1 / 120.0;
  p = p * z - 1 / 6.0;
  return p * z * x + x;
}

static inline double ms_wcos_pi(double r)
{
  return ms_wsin_pi(r > 0 ? 0.5 - r : 0.5 + r);
}

/* What is asked of the gamma function at x, is found at z >= 8: at x + 8 where x is smaller; below
   1/2 at 1 - x, by reflection. p is x (x + 1) ... (x + 7), and its derivatives. */
typedef struct ms_gamma_place {
  double z, p, dp, ddp, r; /* r: what x has beyond a whole number */
  int reflected, shifted;
} ms_gamma_place;

static inline ms_gamma_place ms_gamma_place_of(double x)
{
  const int reflected = x < 0.5;
  const double y = reflected ? 1 - x : x;
  ms_gamma_place g = { .reflected = reflected, .shifted = y < 8, .r = x - ms_wround(x) };
  g.z = g.shifted ? y + 8 : y;
  g.p = 1, g.dp = 0, g.ddp = 0;
  for (int k = 0; k < 8; k++) {
    const double t = g.shifted ? y + k : 1;
    g.ddp = g.ddp * t + 2 * g.dp;
    g.dp = g.dp * t + g.p;
    g.p *= t;
  }
  return g;
}

/* Beyond 2^51 every number is whole. */
static inline int ms_is_pole(double x, double r)
{
  return x <= 0 && (r == 0 || x < -0x1p51);
}

static inline double ms_wlgamma(double x)
{
  const ms_gamma_place g = ms_gamma_place_of(x);
  const double i = 1 / g.z, s = i * i;
  double p = 1 / 156.0;
  p = p * s - 691 / 360360.0;
  p = p * s + 1 / 1188.0;
  p = p * s - 1 / 1680.0;
  p = p * s + 1 / 1260.0;
  p = p * s - 1 / 360.0;
  p = p * s + 1 / 12.0;
  double y = (g.z - 0.5) * MS_LOG(g.z) - g.z + (p * i + 0.91893853320467274178);
  y = g.shifted ? y - MS_LOG(g.p) : y;
  y = g.reflected ? MS_LOG(MS_PI / fabs(ms_wsin_pi(g.r))) - y : y;
  y = x == 1 || x == 2 ? 0 : y;
  return ms_is_pole(x, g.r) || fabs(x) == (double)INFINITY ? (double)INFINITY : y;
}

static inline double ms_wdigamma(double x)
{
  const ms_gamma_place g = ms_gamma_place_of(x);
  const double i = 1 / g.z, s = i * i;
  double p = 1 / 12.0;
  p = p * s - 691 / 32760.0;
  p = p * s + 1 / 132.0;
  p = p * s - 1 / 240.0;
  p = p * s + 1 / 252.0;
  p = p * s - 1 / 120.0;
  p = p * s + 1 / 12.0;
  double y = MS_LOG(g.z) - i / 2 - p * s;
  y = g.shifted ? y - g.dp / g.p : y;
  y = g.reflected ? y - MS_PI * ms_wcos_pi(g.r) / ms_wsin_pi(g.r) : y;
  y = x == 0 ? -copysign((double)INFINITY, x) : y;
  y = x < 0 && ms_is_pole(x, g.r) ? (double)NAN : y;
  return y;
}

static inline double ms_wtrigamma(double x)
{
  const ms_gamma_place g = ms_gamma_place_of(x);
  const double i = 1 / g.z, s = i * i, d = g.dp / g.p, sine = ms_wsin_pi(g.r) / MS_PI;
  double p = 7 / 6.0;
  p = p * s - 691 / 2730.0;
  p = p * s + 5 / 66.0;
  p = p * s - 1 / 30.0;
  p = p * s + 1 / 42.0;
  p = p * s - 1 / 30.0;
  p = p * s + 1 / 6.0;
  double y = i + s / 2 + p * s * i;
  y = g.shifted ? y + (d * d - g.ddp / g.p) : y;
  return g.reflected ? 1 / (sine * sine) - y : y;
}

/* Polynomials in the logarithm of 1 - x^2, or its root, to 1e-7. */
static inline real ms_verfinv_near(real x)
{
  const real w = -ms_vlog((1 - x) * (1 + x)), t = w - 3, u = (real)sqrt(w) - 4;
  real near = (real)6.535623062416285e-10, far = (real)-4.058705296771744e-06;
  near = near * t - (real)5.434218475790326e-09;
  near = near * t - (real)1.8939246236049786e-08;
  near = near * t + (real)4.476399501798762e-07;
  near = near * t - (real)1.7713451343907e-06;
  near = near * t - (real)1.2703677046286538e-05;
  near = near * t + (real)0.00019511431692709606;
  near = near * t - (real)0.0008362051579238884;
  near = near * t - (real)0.0057381802563557256;
  near = near * t + (real)0.24163041536083724;
  near = near * t + (real)1.6235420128540605;
  far = far * u + (real)2.4507196334465895e-05;
  far = far * u - (real)5.223158124518001e-05;
  far = far * u + (real)5.3904583998891574e-05;
  far = far * u - (real)8.964273876812128e-05;
  far = far * u + (real)0.0003176206366858319;
  far = far * u - (real)0.0008851943343723645;
  far = far * u + (real)0.001261572945355364;
  far = far * u + (real)1.0094959244879513;
  far = far * u + (real)3.8397837177008554;
  return (w < 6 ? near : far) * x;
}

static inline real ms_verfinv(real x)
{
  real y = ms_verfinv_near(x);
#ifdef MS_DOUBLE
  for (int k = 0; k < 2; k++) { /* Newton's steps, for small values of 1 - |x| too */
    const double off = x > 0.5 ? (1 - x) - erfc(y) : x < -0.5 ? erfc(-y) - (1 + x) : erf(y) - x;
    const double d = off * exp(y * y) * 0.88622692545275801365;
    y -= d / (1 + y * d);
  }
#endif
  return fabs(x) == 1 ? (real)copysign((real)INFINITY, x) : y;
}

static inline real ms_vlgamma(real x) { return (real)ms_wlgamma(x); }
static inline real ms_vdigamma(real x) { return (real)ms_wdigamma(x); }
static inline real ms_vtrigamma(real x) { return (real)ms_wtrigamma(x); }

#endif
