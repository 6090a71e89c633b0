/* Fourier and cosine transforms of any length along one axis of a tensor. */
#ifndef MS_FFT_LINES_H
#define MS_FFT_LINES_H

#include "fft_line.h"

/* The transform that takes the gradient of the output to that of the input. */
ms_line ms_line_adjoint(const ms_line *l);

/* x (outer, nx, inner) -> y (outer, ny, inner): x is cut or filled up with zeros to what the
   transform takes, and what it gives to ny. Lines are shared out among the threads; called from
   one thread at a time. 0, or -1 and a message (no memory, no plan). */
int ms_line_run(const ms_line *l, const real *x, size_t nx, real *y, size_t ny, size_t outer,
                size_t inner);

#endif
