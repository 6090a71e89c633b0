/* Copies that put images into the order in which the tiles read them, where operands are
   numbers. */
#include "conv_pack.h"

#include <string.h>

#include "../../../base/memory.h"
#include "../../simd/prefetch.h"
#include "../../simd/leaky.h"

/* Whole pixels as they enter the convolution. */
static void enter(const ms_conv_prologue *e, const real *restrict x, size_t count,
                  real *restrict to)
{
  if (!e) {
    memcpy(to, x, count * sizeof *to);
    return;
  }
  const real *restrict scale = e->norm.scale, *restrict shift = e->norm.shift;
  const real slope = e->norm.slope;
  for (size_t n; count > 0; count -= n, x += n, to += n) {
    n = count < e->wide ? count : e->wide;
    for (size_t i = 0; i < n; i++) to[i] = ms_leaky(scale[i] * x[i] + shift[i], slope);
  }
}

/* One row of an image: `left` zeros, `middle` numbers, zeros up to `all`. */
static void bordered(const ms_conv_prologue *e, real *to, const real *x, size_t left, size_t middle,
                     size_t all)
{
  for (size_t i = 0; i < left; i++) to[i] = 0;
  enter(e, x, middle, to + left);
  for (size_t i = left + middle; i < all; i++) to[i] = 0;
}

void MS_K(conv_pack_rows)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                          size_t first, size_t rows, operand *to)
{
  const size_t c = s->cin, all = ms_conv_padded_w(s), left = s->pw < all ? s->pw : all;
  const size_t middle = all - left < s->w ? all - left : s->w;
  for (size_t i = first; i < first + rows; i++, to += all * c) {
    if (i < s->ph || i - s->ph >= s->h)
      memset(to, 0, all * c * sizeof *to);
    else
      bordered(prologue, to, x + (i - s->ph) * s->w * c, left * c, middle * c, all * c);
  }
}

void MS_K(conv_pack_pairs)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                           size_t first, size_t rows, operand *to)
{
  MS_K(conv_pack_rows)(s, prologue, x, first, rows, to);
}

const operand *MS_K(conv_pack_pixels)(const real *x, size_t pixels, size_t channels,
                                      ms_scratch_key *room)
{
  (void)pixels, (void)channels, (void)room;
  return x;
}

void MS_K(conv_pack_gradients)(const real *gy, size_t rows, size_t width, size_t channels,
                               size_t step, operand *to)
{
  for (size_t p = 0; p < rows * width; p++, gy += channels) {
    for (size_t k = 0; k < channels; k++) to[p * step + k] = gy[k];
    for (size_t k = channels; k < step; k++) to[p * step + k] = 0;
  }
}

const operand *MS_K(conv_band)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                               const real *x, size_t first, size_t rows, ms_scratch_key *room,
                               size_t *line)
{
  if (ms_conv_borderless(s) && !prologue) {
    *line = s->w * s->cin;
    ms_prefetch(x + first * *line, rows * *line);
    return x + first * *line;
  }
  *line = ms_conv_padded_w(s) * s->cin;
  operand *to = ms_scratch(room, (rows * *line + 3 * MS_LANES) * sizeof *to);
  if (to) MS_K(conv_pack_rows)(s, prologue, x, first, rows, to);
  return to;
}

/* One kernel row of a patch, or zeros: columns j .. j+kw-1 of row i of the bordered image. */
static void patch_row(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                      size_t i, size_t j, real *to)
{
  const size_t c = s->cin;
  if (i < s->ph || i - s->ph >= s->h) {
    memset(to, 0, s->kw * c * sizeof *to);
    return;
  }
  const real *row = x + (i - s->ph) * s->w * c;
  for (size_t b = 0; b < s->kw; b++, j++, to += c)
    if (j < s->pw || j - s->pw >= s->w)
      memset(to, 0, c * sizeof *to);
    else
      enter(prologue, row + (j - s->pw) * c, c, to);
}

void MS_K(conv_pack_patches)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                             const real *x, size_t from, size_t count, operand *to)
{
  for (size_t p = from; p < from + count; p++) {
    const size_t j = p % s->ow, i = p / s->ow % s->oh, image = p / s->ow / s->oh;
    for (size_t a = 0; a < s->kh; a++, to += s->kw * s->cin)
      patch_row(s, prologue, x + image * s->h * s->w * s->cin, i * s->sh + a, j * s->sw, to);
  }
}
