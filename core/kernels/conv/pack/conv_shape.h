/* What a convolution's sizes are. */
#ifndef MS_CONV_SHAPE_H
#define MS_CONV_SHAPE_H

#include <stddef.h>

#include "../../../base/cpu.h"
#include "../../../base/real.h"

/* y[n, i, j, o] = bias[o] + sum over a, b, c of
   x[n, i*sh - ph + a, j*sw - pw + b, c] * weight[a, b, c, o], zero outside x. */
typedef struct ms_conv_shape {
  size_t n, h, w, cin; /* x (n, h, w, cin) */
  size_t kh, kw, cout; /* weight (kh, kw, cin, cout) */
  size_t sh, sw;       /* strides, at least 1 */
  size_t ph, pw;       /* zero rows above and zero columns left of x */
  size_t oh, ow;       /* y (n, oh, ow, cout) */
  ms_precision precision;
} ms_conv_shape;

/* One axis: padding in front and output size. 'same' gives ceil(size / stride) outputs, half
   of the missing rows in front; otherwise only kernels inside x (0 outputs if none fits). */
static inline void ms_conv_axis(size_t size, size_t kernel, size_t stride, int same,
                                size_t *pad, size_t *out)
{
  *pad = 0;
  *out = size < kernel ? 0 : (size - kernel) / stride + 1;
  if (!same) return;
  *out = (size + stride - 1) / stride;
  size_t reach = *out ? (*out - 1) * stride + kernel : 0;
  if (reach > size) *pad = (reach - size) / 2;
}

/* Fills ph, pw, oh, ow from the other fields. */
static inline void ms_conv_fill(ms_conv_shape *s, int same)
{
  ms_conv_axis(s->h, s->kh, s->sh, same, &s->ph, &s->oh);
  ms_conv_axis(s->w, s->kw, s->sw, same, &s->pw, &s->ow);
}

#endif
