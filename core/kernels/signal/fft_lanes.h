/* Fourier transforms of several lines at once, a line to each lane of the registers. */
#ifndef MS_FFT_LANES_H
#define MS_FFT_LANES_H

#include <stddef.h>

#include "../../base/real.h"

enum { MS_LANE_STAGES = 16 };

/* n points as a product of 2, 3, 4, 5 and 8, and the factors of each stage: for p in 0..n'/r-1 and
   j in 1..r-1 the complex number exp(-2 pi i p j / n'), n' = n over the radices before. */
typedef struct ms_lane_plan {
  size_t n;
  int stages, radix[MS_LANE_STAGES];
  const real *factor[MS_LANE_STAGES];
} ms_lane_plan;

typedef struct __attribute__((designated_init)) ms_fft_lanes_kernels {
  size_t lanes;
  /* x (n, 2, lanes): real parts, then imaginary parts of each point, becomes its transform, or
     the unscaled inverse where `back`; y is room of the same size. Returns x or y, whichever holds
     the result. */
  real *(*transform)(const ms_lane_plan *plan, int back, real *x, real *y);
  /* from: `lanes` lines of n numbers, the first `lines` of which are there (the others are 0)
     -> to (n, lanes), and back. */
  void (*gather)(const real *const *from, size_t lines, size_t n, real *to);
  void (*scatter)(const real *from, size_t lines, size_t n, real *const *to);
  /* The transform (half, 2, lanes) of pairs of real numbers -> bins 0 .. half of theirs; turn:
     exp(-2 pi i k / 2 half), k in 0..half. x and y differ. */
  void (*split)(const real *turn, size_t half, const real *x, real *y);
  void (*join)(const real *turn, size_t half, const real *x, real *y); /* and back, unscaled */
} ms_fft_lanes_kernels;

const ms_fft_lanes_kernels *ms_k_fft_lanes(void);

#endif
