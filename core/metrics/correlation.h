/* Inner products of delayed signals, in double. */
#ifndef MS_CORRELATION_H
#define MS_CORRELATION_H

#include <stddef.h>

#include "../base/real.h"

/* Signals that lie at `first`, `step` numbers from a sample to the next. */
typedef struct ms_delayed {
  const real *first;
  size_t step;
} ms_delayed;

/* sums (count_x, count_y, 2 taps - 1): at place taps - 1 + l, for l of -(taps - 1)..taps - 1, the
   sum over n of x(n) y(n + l), zeros outside. 0, or -1 and a message. */
int ms_correlate_delayed(const ms_delayed *x, size_t count_x, const ms_delayed *y, size_t count_y,
                         size_t samples, size_t taps, double *sums);

#endif
