/* Transposed convolution 2x2 of stride 2: the gradient by input of the convolution that
   would halve its output. Every direction is one of that convolution's others. */
#include "up_convolution.h"

#include <string.h>

#include "../../base/profile.h"
#include "conv_backward_weight.h"
#include "conv_solver.h"

/* The convolution that takes y back to x. */
static ms_conv_shape halving(const ms_up_shape *s)
{
  return (ms_conv_shape){ .n = s->n, .h = 2 * s->h, .w = 2 * s->w, .cin = s->cout, .kh = 2,
                          .kw = 2, .cout = s->cin, .sh = 2, .sw = 2, .oh = s->h, .ow = s->w };
}

static void count_work(const ms_up_shape *s)
{
  if (ms_profile_on) ms_profile_work(8.0 * (double)(s->n * s->h * s->w * s->cin) * (double)s->cout);
}

static int forward(const ms_up_shape *s, const real *x, const real *weight, const real *bias,
                   real *y)
{
  count_work(s);
  if (!s->n || !s->h || !s->w) return 0;
  const ms_conv_backward_input t = { .s = halving(s), .gy = x, .weight = weight, .bias = bias,
                                     .gx = y, .tap = (ptrdiff_t)(s->cin * s->cout), .in = 1,
                                     .out = (ptrdiff_t)s->cout };
  return MS_K(conv_solver_for)(MS_CONV_BACKWARD_INPUT, &t.s)->run.backward_input(&t);
}

static int by_input(const ms_up_shape *s, const real *weight, const real *gy, real *gx)
{
  count_work(s);
  if (!s->n || !s->h || !s->w) return 0;
  const ms_conv_task t = { .s = halving(s), .x = gy, .weight = weight, .y = gx,
                           .tap = (ptrdiff_t)(s->cin * s->cout), .in = 1,
                           .out = (ptrdiff_t)s->cout };
  return MS_K(conv_solver_for)(MS_CONV_FORWARD, &t.s)->run.forward(&t);
}

static int by_weight(const ms_up_shape *s, const real *x, const real *gy, real *gw, real *gb)
{
  const size_t pixels = s->n * s->h * s->w, weights = 4 * s->cin * s->cout;
  const ms_conv_backward_weight t = { .s = halving(s), .x = gy, .gy = x, .gw = gw,
                                      .tap = s->cin * s->cout, .in = 1, .out = s->cout };
  count_work(s);
  if (!pixels) memset(gw, 0, weights * sizeof *gw);
  else if (MS_K(conv_solver_for)(MS_CONV_UP_WEIGHT, &t.s)->run.backward_weight(&t) != 0) return -1;
  return gb ? MS_K(conv_sums)(gy, 4 * pixels, s->cout, gb) : 0;
}

const ms_up_convolution_kernels MS_K(up_convolution) = {
  .forward = forward, .by_input = by_input, .by_weight = by_weight,
};
