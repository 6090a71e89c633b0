/* 2-D convolutions of channels-last images: which way each shape goes. */
#include "convolution.h"

#include "conv_forward.h"
#include "conv_spread.h"
#include "conv_weight.h"

static void zero(real *to, size_t count)
{
  for (size_t i = 0; i < count; i++) to[i] = 0;
}

static int nothing(const ms_conv_shape *s)
{
  return !s->n || !s->oh || !s->ow || !s->cin || !s->cout;
}

/* Kernels of one pixel see no neighbours: rows may be of any length. */
static void long_rows(ms_conv_shape *s)
{
  const int pointwise = s->kh * s->kw * s->sh * s->sw == 1 && !s->ph && !s->pw;
  if (!pointwise || s->h != s->oh || s->w != s->ow) return;
  s->ow = s->w = s->h * s->w;
  s->oh = s->h = 1;
}

/* The last channels, if they are few, are gathered: how many. */
static size_t gathered(const ms_conv_shape *s)
{
  const size_t taps = s->kh * s->kw, few = s->cout % MS_LANES;
  if (s->sh * s->sw > 1 || taps == 1 || s->ph >= s->kh) return 0;
  return few && 3 * ms_conv_vectors(taps * few) <= 2 * taps ? few : 0;
}

/* A convolution whose weight lies as weight[tap*t + in*c + out*o]. */
static int convolve(const ms_conv_shape *s, const real *x, const real *weight, ptrdiff_t tap,
                    ptrdiff_t in, ptrdiff_t out, const real *bias, real *y)
{
  const size_t taps = s->kh * s->kw, few = gathered(s), most = s->cout - few;
  int status = 0;
  if (most) {
    ms_conv_task t = { .s = *s, .x = x, .bias = bias, .y = y, .count = most };
    t.m = (ms_conv_matrix){ .weight = weight, .tap = tap, .row = in, .column = out,
                            .row_taps = taps, .row_inner = s->cin, .column_taps = 1,
                            .column_inner = most };
    long_rows(&t.s);
    status = MS_K(conv_direct)(&t);
  }
  if (few && status == 0) {
    ms_conv_task t = { .s = *s, .x = x, .bias = bias, .y = y, .first = most, .count = few };
    t.m = (ms_conv_matrix){ .weight = weight + (ptrdiff_t)most * out, .tap = tap, .row = in,
                            .column = out, .row_taps = 1, .row_inner = s->cin,
                            .column_taps = taps, .column_inner = few };
    status = MS_K(conv_gather)(&t);
  }
  return status;
}

static int forward(const ms_conv_shape *s, const real *x, const real *weight,
                   const real *bias, real *y)
{
  if (nothing(s)) return 0;
  const ptrdiff_t out = 1, in = (ptrdiff_t)s->cout, tap = in * (ptrdiff_t)s->cin;
  return convolve(s, x, weight, tap, in, out, bias, y);
}

/* Of stride 1, it is a convolution of gy with the flipped weight. */
static int by_input(const ms_conv_shape *s, const real *weight, const real *gy, real *gx)
{
  if (nothing(s)) {
    zero(gx, s->n * s->h * s->w * s->cin);
    return 0;
  }
  const ptrdiff_t out = 1, in = (ptrdiff_t)s->cout, tap = in * (ptrdiff_t)s->cin;
  if (s->sh * s->sw > 1 || s->ph >= s->kh || s->pw >= s->kw) {
    ms_conv_spread t = { .s = *s, .gy = gy, .weight = weight, .tap = tap, .in = in,
                         .out = out, .gx = gx };
    return MS_K(conv_spread)(&t);
  }
  const ms_conv_shape back = { .n = s->n, .h = s->oh, .w = s->ow, .cin = s->cout,
                               .kh = s->kh, .kw = s->kw, .cout = s->cin, .sh = 1, .sw = 1,
                               .ph = s->kh - 1 - s->ph, .pw = s->kw - 1 - s->pw,
                               .oh = s->h, .ow = s->w };
  const real *last = weight + (ptrdiff_t)(s->kh * s->kw - 1) * tap;
  return convolve(&back, gy, last, -tap, out, in, NULL, gx);
}

static int by_weight(const ms_conv_shape *s, const real *x, const real *gy, real *gw, real *gb)
{
  if (nothing(s)) {
    zero(gw, s->kh * s->kw * s->cin * s->cout);
    if (gb) zero(gb, s->cout);
    return 0;
  }
  ms_conv_weight t = { .s = *s, .x = x, .gy = gy, .gw = gw, .tap = s->cin * s->cout,
                       .in = s->cout, .out = 1 };
  if (MS_K(conv_weight)(&t) != 0) return -1;
  return gb ? MS_K(conv_sums)(gy, s->n * s->oh * s->ow, s->cout, gb) : 0;
}

const ms_convolution_kernels MS_K(convolution) = { forward, by_input, by_weight };
