/* The leaky rectifier and its gradient, number by number and register by register, for slopes from
   0 to 1. As in PyTorch NaN stays NaN, and a slope of 0 makes minus infinity, and every gradient
   below 0, exactly 0: not 0 times infinity. */
#ifndef MS_LEAKY_H
#define MS_LEAKY_H

#include <float.h>
#include <math.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "isa.h"

#ifdef MS_DOUBLE
#define MS_LOWEST (-DBL_MAX)
#else
#define MS_LOWEST (-FLT_MAX)
#endif

/* The lowest number that the slope may meet. */
static inline real ms_leaky_floor(real slope)
{
  return slope > 0 ? -(real)INFINITY : MS_LOWEST;
}

/* The larger of z and slope z; NaN wins in both comparisons. */
static inline real ms_leaky(real z, real slope)
{
  const real floor = ms_leaky_floor(slope), low = slope * (z < floor ? floor : z) + 0;
  return low > z ? low : z;
}

static inline real ms_leaky_back(real z, real g, real slope)
{
  const real low = slope > 0 ? slope * g : 0;
  return z <= 0 ? low : g;
}

/* ---- the same in registers -------------------------------------------------------------- */
typedef __typeof__((vec){ 0 } > (vec){ 0 }) ms_lanes;

typedef struct ms_rectifier {
  vec slope, floor;
  ms_lanes leaks; /* all bits where the slope is above 0 */
} ms_rectifier;

MS_INLINE ms_rectifier ms_rectifier_of(real slope)
{
  const vec all = slope - (vec){ 0 };
  return (ms_rectifier){ all, ms_leaky_floor(slope) + (vec){ 0 }, all > (vec){ 0 } };
}

/* The larger number, b where either is NaN. */
MS_INLINE vec ms_larger(vec a, vec b)
{
#if defined(MS_DOUBLE) && defined(__AVX512F__)
  return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif defined(MS_DOUBLE) && defined(__AVX2__)
  return (vec)_mm256_max_pd((__m256d)a, (__m256d)b);
#elif defined(__AVX512F__)
  return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
  const ms_lanes above = a > b;
  return (vec)((above & (ms_lanes)a) | (~above & (ms_lanes)b));
#endif
}

MS_INLINE vec ms_rectify(const ms_rectifier *r, vec z)
{
  return ms_larger(r->slope * ms_larger(r->floor, z) + 0, z);
}

MS_INLINE vec ms_rectify_back(const ms_rectifier *r, vec z, vec g)
{
  const ms_lanes low = z <= (vec){ 0 };
  return (vec)((low & r->leaks & (ms_lanes)(r->slope * g)) | (~low & (ms_lanes)g));
}

#endif
