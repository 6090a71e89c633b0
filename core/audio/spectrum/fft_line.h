/* What a transform of a line is. */
#ifndef MS_FFT_LINE_H
#define MS_FFT_LINE_H

#include <stddef.h>

#include "../../base/real.h"

typedef enum ms_line_kind {
  MS_LINE_FORWARD, /* complex numbers: Y[k] = sum of x[t] exp(-2 pi i k t / n) */
  MS_LINE_BACK,    /* the same with +2 */
  MS_LINE_REAL,    /* real numbers to bins 0 .. n/2 */
  MS_LINE_HALF,    /* bins 0 .. n/2 to n real numbers, the other half taken as the mirror image;
                      imaginary parts of the end bins are ignored */
  MS_LINE_COSINE,  /* type 2: Y[k] = 2 sum of x[t] cos(pi k (2 t + 1) / 2n) */
  MS_LINE_COSINE3, /* type 3: y[t] = X[0] + 2 sum of X[k] cos(pi k (2 t + 1) / 2n), k > 0 */
  MS_LINE_KINDS
} ms_line_kind;

/* A transform, and weights of its spectrum, whichever side that is on: of bin 0, of those between,
   and of bin n/2 of an even n (real numbers alone; complex ones all have that of the inner). */
typedef struct ms_line {
  ms_line_kind kind;
  size_t n;
  double first, inner, last;
} ms_line;

/* Whether what goes in, or comes out, is complex, and how many numbers that are. */
static inline int ms_line_is_complex(ms_line_kind kind, int out)
{
  return kind <= MS_LINE_BACK || kind == (out ? MS_LINE_REAL : MS_LINE_HALF);
}

static inline size_t ms_line_points(const ms_line *l, int out)
{
  return l->kind == (out ? MS_LINE_REAL : MS_LINE_HALF) ? l->n / 2 + 1 : l->n;
}

#endif
