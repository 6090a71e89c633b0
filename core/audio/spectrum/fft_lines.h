/* Fourier and cosine transforms of any length along one axis of a tensor. */
#ifndef MS_FFT_LINES_H
#define MS_FFT_LINES_H

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
int ms_line_is_complex(ms_line_kind kind, int out);
size_t ms_line_points(const ms_line *l, int out);

/* The transform that takes the gradient of the output to that of the input. */
ms_line ms_line_adjoint(const ms_line *l);

/* x (outer, nx, inner) -> y (outer, ny, inner): x is cut or filled up with zeros to what the
   transform takes, and what it gives to ny. Lines are shared out among the threads; called from
   one thread at a time. 0, or -1 and a message (no memory, no plan). */
int ms_line_run(const ms_line *l, const real *x, size_t nx, real *y, size_t ny, size_t outer,
                size_t inner);

#endif
