/* Cosine transforms of an even number of points by the transform of as many real numbers. */
#ifndef MS_FFT_COSINES_H
#define MS_FFT_COSINES_H

#include <stddef.h>

#include "../../base/real.h"

/* cos and sin of pi k / 2n, k in 0..n/2, side by side; NULL where there is no memory. The caller
   releases them by free. */
real *ms_cosine_turns(size_t n);

/* Chunk by chunk of an ms_line_job with `turns`, as many lines as there are lanes. */
void ms_line_cosines(void *job, size_t chunk);

#endif
