/* Convolutions of numbers that are not finite. The quick algorithms multiply the zeros around x,
   and Winograd's takes differences of neighbours: either makes NaN where nothing but finite
   numbers, or an infinite one, belongs. Here are sums over what lies inside x alone. */
#ifndef MS_CONV_EXACT_H
#define MS_CONV_EXACT_H

#include "conv_task.h"

/* Whether no number is infinite or NaN. Parallel. */
int MS_K(conv_finite)(const real *x, size_t count);

/* Computes those pixels of y again whose kernels reach outside x. */
void MS_K(conv_border)(const ms_conv_task *t);

/* As conv_backward_weight: tap by tap, from the pixels that the tap meets. 0, or -1 and a
   message. */
int MS_K(conv_taps)(const ms_conv_backward_weight *t);

#endif
