/* What sizes a convolution with dilation and groups has, and where its weight's numbers lie. */
#ifndef MS_GENERAL_SHAPE_H
#define MS_GENERAL_SHAPE_H

#include "../pack/conv_shape.h"

/* y[n, i, j, o] = bias[o] + sum over a, b and the channels c of o's group of
   x[n, i*sh - ph + a*dh, j*sw - pw + b*dw, c] * weight[a, b, c, o], zero outside x.
   Tap t = a*kw + b, group g, and input channel c and output channel o within the group meet at
   weight[t*tap + g*group + c*in + o*out]. */
typedef struct ms_general_shape {
  ms_conv_shape s; /* channels of all groups */
  size_t dh, dw;   /* from one tap to the next, at least 1 */
  size_t groups;   /* which divide cin and cout */
  size_t tap, group, in, out;
} ms_general_shape;

/* A weight (kh, kw, cin / groups, cout). */
static inline void ms_general_weight(ms_general_shape *g)
{
  g->tap = g->s.cin / g->groups * g->s.cout;
  g->group = g->s.cout / g->groups;
  g->in = g->s.cout;
  g->out = 1;
}

/* A weight (kh, kw, cout, cin / groups): that of the transposed convolution. */
static inline void ms_general_weight_transposed(ms_general_shape *g)
{
  const size_t in = g->s.cin / g->groups;
  g->tap = in * g->s.cout;
  g->group = in * (g->s.cout / g->groups);
  g->in = 1;
  g->out = in;
}

/* How far a kernel reaches. */
static inline size_t ms_general_reach(size_t kernel, size_t dilation)
{
  return (kernel - 1) * dilation + 1;
}

#endif
