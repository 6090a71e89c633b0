/* Convolutions of rows with taps, by sums or by transforms. */
#ifndef MS_SLIDING_H
#define MS_SLIDING_H

#include <stddef.h>

#include "../../base/real.h"

enum { MS_SLIDING_AUTO, MS_SLIDING_DIRECT, MS_SLIDING_FFT };

/* For each row y[t] = sum over j of x[t + offset - j] h[j], t in 0..ny-1, x being 0 outside.
   reversed: the taps are h from its end. x_of and h_of: the row of x and of h that a row reads. */
typedef struct ms_sliding {
  size_t rows, nx, nh, ny;
  ptrdiff_t offset;
  const real *x, *h;
  int reversed, method;
  const size_t *x_of, *h_of;
  real *y;
} ms_sliding;

/* 0, or -1 and a message. */
int ms_slide(const ms_sliding *s);

#endif
