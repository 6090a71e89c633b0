/* Positions of the largest and the smallest numbers along one dimension. */
#ifndef MS_EXTREMES_H
#define MS_EXTREMES_H

#include "span.h"

typedef struct __attribute__((designated_init)) ms_extremes_kernels {
  /* x (outer, n, inner) -> positions (outer, inner), from 1, of the first largest (`least`:
     smallest) number, or of the first NaN. 0, or -1 and a message where memory ends. */
  int (*positions)(ms_span s, const real *x, real *at, int least);
  /* The same of n numbers, 1 or more, from 0 */
  int (*position)(const real *x, size_t n, int least, size_t *at);
} ms_extremes_kernels;

const ms_extremes_kernels *ms_k_extremes(void);

#endif
