/* The gradient of a convolution by its weight. */
#ifndef MS_CONV_BACKWARD_WEIGHT_H
#define MS_CONV_BACKWARD_WEIGHT_H

#include "conv_task.h"

/* 0, or -1 and a message. */
int MS_K(conv_backward_weight)(const ms_conv_backward_weight *t);

/* sums[c] = sum over pixels of y (pixels, channels). 0, or -1 and a message. */
int MS_K(conv_sums)(const real *y, size_t pixels, size_t channels, real *sums);

#endif
