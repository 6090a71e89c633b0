/* Plans for transforms of several lines at once. */
#include "fft_lane_plan.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_POINTS = 2048 };

/* Radices, large ones first; whether that is all of n. */
static int factorize(size_t n, ms_lane_plan *plan)
{
  static const int radices[] = { 8, 5, 4, 3, 2 };
  plan->n = n;
  plan->stages = 0;
  for (int k = 0; k < 5; k++)
    for (; n % (size_t)radices[k] == 0; n /= (size_t)radices[k]) {
      if (plan->stages == MS_LANE_STAGES) return 0;
      plan->radix[plan->stages++] = radices[k];
    }
  return n == 1;
}

static real *put(real *to, double turns)
{
  const double angle = -2 * acos(-1.0) * turns;
  *to++ = (real)cos(angle);
  *to++ = (real)sin(angle);
  return to;
}

ms_lane_tables ms_lane_tables_of(size_t n, int of_real_numbers)
{
  ms_lane_tables t = { .turn = NULL };
  if (n < 2 || n > MOST_POINTS || !factorize(n, &t.plan)) return t;
  /* stage by stage (r - 1) n' / r complex numbers, less than n' each: 2 n together */
  real *to = t.memory = malloc((4 * n + 2 * (n + 1)) * sizeof *to);
  if (!to) return t;
  size_t left = n;
  for (int k = 0; k < t.plan.stages; k++) {
    const size_t r = (size_t)t.plan.radix[k];
    t.plan.factor[k] = to;
    for (size_t p = 0; p < left / r; p++)
      for (size_t j = 1; j < r; j++) to = put(to, (double)(p * j) / (double)left);
    left /= r;
  }
  if (of_real_numbers) {
    t.turn = to;
    for (size_t k = 0; k <= n; k++) to = put(to, (double)k / (double)(2 * n));
  }
  return t;
}
