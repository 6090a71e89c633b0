/* Plans for transforms of several lines at once. */
#ifndef MS_FFT_LANE_PLAN_H
#define MS_FFT_LANE_PLAN_H

#include "../../kernels/signal/fft_lanes.h"

/* Complex points, their stages, and for real numbers exp(-2 pi i k / 2 n), k in 0..n (or NULL);
   memory holds them all. */
typedef struct ms_lane_tables {
  ms_lane_plan plan;
  const real *turn;
  real *memory; /* NULL: no such plan */
} ms_lane_tables;

/* Of n points that are a product of 2, 3 and 5, and few enough for the caches; otherwise, and where
   there is no memory, without a plan. The caller releases the memory by free. */
ms_lane_tables ms_lane_tables_of(size_t n, int of_real_numbers);

#endif
