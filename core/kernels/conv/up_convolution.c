/* Transposed convolution 2x2 of stride 2: the gradient by input of the convolution that
   would halve its output. Every direction is one of that convolution's others. */
#include "up_convolution.h"

#include <string.h>

#include "../../base/memory.h"
#include "../../base/pool.h"
#include "conv_forward.h"
#include "conv_backward_input.h"
#include "conv_backward_weight.h"
#include "../gemm/gemm.h"

/* The convolution that takes y back to x. */
static ms_conv_shape halving(const ms_up_shape *s)
{
  return (ms_conv_shape){ .n = s->n, .h = 2 * s->h, .w = 2 * s->w, .cin = s->cout, .kh = 2,
                          .kw = 2, .cout = s->cin, .sh = 2, .sw = 2, .oh = s->h, .ow = s->w };
}

static int forward(const ms_up_shape *s, const real *x, const real *weight, const real *bias,
                   real *y)
{
  if (!s->n || !s->h || !s->w) return 0;
  const ms_conv_backward_input t = { .s = halving(s), .gy = x, .weight = weight, .bias = bias, .gx = y,
                             .tap = (ptrdiff_t)(s->cin * s->cout), .in = 1,
                             .out = (ptrdiff_t)s->cout };
  return MS_K(conv_backward_input)(&t);
}

static int by_input(const ms_up_shape *s, const real *weight, const real *gy, real *gx)
{
  if (!s->n || !s->h || !s->w) return 0;
  const ms_conv_task t = { .s = halving(s), .x = gy, .weight = weight, .y = gx,
                           .tap = (ptrdiff_t)(s->cin * s->cout), .in = 1,
                           .out = (ptrdiff_t)s->cout };
  return MS_K(conv_forward)(&t);
}

enum { TAPS_SLOT = 0, MANY_WEIGHTS = 1 << 16 };

typedef struct taps {
  const ms_up_shape *s;
  const real *gy;
  real *to;
} taps;

/* A row of x's pixels: the gradients that each of the four taps meets, as rows of four matrices. */
static void part_row(void *arg, size_t row)
{
  const taps *t = arg;
  const ms_up_shape *s = t->s;
  for (size_t tap = 0; tap < 4; tap++) {
    const real *from = t->gy + ((2 * row + tap / 2) * 2 * s->w + tap % 2) * s->cout;
    real *to = t->to + (tap * s->n * s->h + row) * s->w * s->cout;
    for (size_t j = 0; j < s->w; j++) memcpy(to + j * s->cout, from + 2 * j * s->cout, s->cout * sizeof *to);
  }
}

/* Many weights: a matrix product for every tap, whose sums are stored once. */
static int weight_products(const ms_up_shape *s, const real *x, const real *gy, real *gw)
{
  const size_t pixels = s->n * s->h * s->w;
  const taps t = { s, gy, ms_scratch(TAPS_SLOT, 4 * pixels * s->cout * sizeof *t.to) };
  if (!t.to) return -1;
  ms_parallel(s->n * s->h, part_row, (void *)&t);
  for (size_t tap = 0; tap < 4; tap++) {
    const ms_product p = { .ta = 1, .m = s->cin, .n = s->cout, .k = pixels, .scale = 1, .a = x, .lda = s->cin,
                           .b = t.to + tap * pixels * s->cout, .ldb = s->cout,
                           .c = gw + tap * s->cin * s->cout, .ldc = s->cout };
    if (ms_k_gemm()->all(&p) != 0) return -1;
  }
  return 0;
}

static int by_weight(const ms_up_shape *s, const real *x, const real *gy, real *gw, real *gb)
{
  const size_t pixels = s->n * s->h * s->w, weights = 4 * s->cin * s->cout;
  const ms_conv_backward_weight t = { .s = halving(s), .x = gy, .gy = x, .gw = gw,
                             .tap = s->cin * s->cout, .in = 1, .out = s->cout };
  if (!pixels) memset(gw, 0, weights * sizeof *gw);
  else if ((weights > MANY_WEIGHTS ? weight_products(s, x, gy, gw) : MS_K(conv_backward_weight)(&t)) != 0) return -1;
  return gb ? MS_K(conv_sums)(gy, 4 * pixels, s->cout, gb) : 0;
}

const ms_up_convolution_kernels MS_K(up_convolution) = {
  .forward = forward, .by_input = by_input, .by_weight = by_weight,
};
