/* The last output channels of a convolution of stride 1, where a vector would be mostly empty. */
#ifndef MS_CONV_REMAINDER_H
#define MS_CONV_REMAINDER_H

#include "conv_pack.h"

typedef struct ms_conv_remainder {
  const ms_conv_shape *s;
  const operand *packed; /* matrix of input channels x (tap, gathered channel) */
  const real *zeros;  /* three vectors */
  const real *bias;   /* of the gathered channels, or NULL */
  size_t count;       /* of gathered channels */
} ms_conv_remainder;

/* How many of the channels are worth it: 0, or the rest after whole vectors. */
size_t MS_K(conv_remainder_channels)(const ms_conv_shape *s);

/* From a band of `lines` bordered rows, `line` operands each, to lines-kh+1 rows of y, which points
   at the first gathered channel. 0, or -1 without memory. */
int MS_K(conv_remainder)(const ms_conv_remainder *g, const operand *band, size_t line,
                      size_t lines, real *y);

#endif
