/* The leaky rectifier and its gradient, number by number and register by register, as PyTorch has them: NaN stays NaN, a
   slope of 0 makes everything below 0 exactly 0 (not 0 times infinity), and a gradient of such a place too. */
#ifndef MS_LEAKY_H
#define MS_LEAKY_H

#include "isa.h"

/* What is left of v where z is not above 0. */
static inline real ms_leak(real v, real slope)
{
  return slope > 0 ? slope * v : 0;
}

static inline real ms_leaky(real z, real slope)
{
  return z <= 0 ? ms_leak(z, slope) : z;
}

static inline real ms_leaky_back(real z, real g, real slope)
{
  return z <= 0 ? ms_leak(g, slope) : g;
}

/* The same in registers: the slope, and all bits set where it is above 0. */
typedef __typeof__((vec){ 0 } > (vec){ 0 }) ms_lanes;
typedef struct ms_rectifier {
  vec slope;
  ms_lanes leaks;
} ms_rectifier;

MS_INLINE ms_rectifier ms_rectifier_of(real slope)
{
  const vec all = slope - (vec){ 0 };
  return (ms_rectifier){ all, all > (vec){ 0 } };
}

/* v where z is above 0 or NaN, what is left of v elsewhere. */
MS_INLINE vec ms_rectify(const ms_rectifier *r, vec z, vec v)
{
  const ms_lanes low = z <= (vec){ 0 };
  return (vec)((low & r->leaks & (ms_lanes)(r->slope * v)) | (~low & (ms_lanes)v));
}

#endif
