/* The last output channels of a convolution, where whole vectors of them would be mostly empty:
   every pixel of a row is multiplied with the weights of all taps at once, into a ring of kh
   such rows; then each sum gathers its taps. 9 taps of 1 channel take one vector, not nine. */
#include "conv_remainder.h"

#include "../../../base/memory.h"

enum { SHORT_ROW = 8 };
static ms_scratch_key room_for_ring;

/* More than a quarter of a vector is as well off in a vector of its own. */
size_t MS_K(conv_remainder_channels)(const ms_conv_shape *s)
{
  const size_t taps = s->kh * s->kw, few = s->cout % MS_LANES;
  if (s->sh * s->sw > 1 || taps == 1 || s->ow < SHORT_ROW) return 0;
  return few <= MS_LANES / 4 && 3 * ms_conv_vectors(taps * few) <= 2 * taps ? few : 0;
}

/* One bordered row with the weights of all taps: `step` numbers to a pixel. */
static void multiply_row(const ms_conv_remainder *g, const operand *row, size_t step, real *to)
{
  const size_t depth = ms_conv_operands(g->s->cin), vectors = step / MS_LANES;
  ms_conv_product p = { .a = row, .step = depth, .parts = 1, .run = depth, .bias = g->zeros,
                        .y_step = step };
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    p.b = g->packed + v * MS_LANES * depth;
    p.y = to + v * MS_LANES;
    p.columns = wide * MS_LANES;
    MS_K(conv_product)(&p, ms_conv_padded_w(g->s), wide);
  }
}

/* Sums of one pixel: the leftover channels are fewer than lanes, the constants below at most 8. */
enum { ROOM = MS_LANES < 8 ? 8 : MS_LANES };

/* One kernel row of one output row; count and kw are constants after inlining where that pays. */
static inline __attribute__((always_inline)) void add(const ms_conv_remainder *g, const real *from,
                                                      size_t step, size_t count, size_t kw,
                                                      int first, real *y)
{
  const size_t cout = g->s->cout;
  for (size_t q = 0; q < g->s->ow; q++, from += step, y += cout) {
    real sum[ROOM];
    for (size_t o = 0; o < count; o++) sum[o] = !first ? y[o] : g->bias ? g->bias[o] : 0;
    for (size_t b = 0; b < kw; b++)
      for (size_t o = 0; o < count; o++) sum[o] += from[b * (step + count) + o];
    for (size_t o = 0; o < count; o++) y[o] = sum[o];
  }
}

static void add_row(const ms_conv_remainder *g, const real *from, size_t step, int first, real *y)
{
  if (g->count == 1 && g->s->kw == 3)
    add(g, from, step, 1, 3, first, y);
  else if (g->count == 4 && g->s->kw == 3)
    add(g, from, step, 4, 3, first, y);
  else
    add(g, from, step, g->count, g->s->kw, first, y);
}

int MS_K(conv_remainder)(const ms_conv_remainder *g, const operand *band, size_t line,
                      size_t lines, real *y)
{
  const ms_conv_shape *s = g->s;
  const size_t step = ms_conv_vectors(s->kh * s->kw * g->count) * MS_LANES;
  const size_t width = ms_conv_padded_w(s), turn = s->kh;
  real *ring = ms_scratch(&room_for_ring, turn * width * step * sizeof *ring);
  if (!ring) return -1;
  for (size_t i = 0; i < lines; i++) {
    multiply_row(g, band + i * line, step, ring + i % turn * width * step);
    if (i + 1 < s->kh) continue;
    const size_t top = i + 1 - s->kh;
    for (size_t a = 0; a < s->kh; a++)
      add_row(g, ring + (top + a) % turn * width * step + a * s->kw * g->count, step, a == 0,
              y + top * s->ow * s->cout);
  }
  return 0;
}
