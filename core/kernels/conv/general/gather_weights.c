/* Weights of a phase as the register tiles read them, and sums of gradients by them. */
#include "gather_weights.h"

#include <string.h>

#include "../../../base/memory.h"
#include "../pack/conv_pack.h"

static ms_scratch_key room_for_weights, room_for_packed;

/* Weights in the order of patches. */
static real *in_order(const ms_gather *j, size_t depth)
{
  real *packed = ms_scratch(&room_for_weights, j->groups * depth * j->gives * sizeof *packed + 1);
  real *to = packed;
  if (!packed) return NULL;
  for (size_t g = 0; g < j->groups; g++)
    for (size_t a = 0; a < j->y.taps; a++)
      for (size_t b = 0; b < j->x.taps; b++)
        for (size_t c = 0; c < j->reads; c++, to += j->gives) {
          const real *w = j->weight + ms_gather_tap(j, a, b) + g * j->group + c * j->read;
          for (size_t o = 0; o < j->gives; o++) to[o] = w[o * j->give];
        }
  return packed;
}

static void pack_group(const ms_gather *j, const ms_gather_weights *w, size_t g, real *to)
{
  const ms_conv_matrix m = { .weight = w->plain + g * w->depth * j->gives,
                             .row = (ptrdiff_t)j->gives, .column = 1, .row_taps = 1,
                             .row_inner = w->depth, .column_taps = 1, .column_inner = j->gives };
  MS_K(conv_pack_matrix)(&m, (operand *)(to + g * w->depth * w->whole));
}

int MS_K(gather_pack)(const ms_gather *j, ms_gather_weights *w)
{
  ms_gather_weights_sizes(j, w);
  w->plain = in_order(j, w->depth);
  real *to = ms_scratch(&room_for_packed,
                        j->groups * (w->depth + 1) * w->whole * sizeof *to + 1);
  if (!w->plain || !to) return -1;
  w->bias = to;
  memset(to, 0, j->groups * w->whole * sizeof *to);
  for (size_t g = 0; g < j->groups && j->bias; g++)
    memcpy(to + g * w->whole, j->bias + g * j->gives, j->gives * sizeof *to);
  w->packed = to += j->groups * w->whole;
  for (size_t g = 0; g < j->groups && MS_PER_OPERAND == 1; g++) pack_group(j, w, g, to);
  return 0;
}

/* A block of columns after the other. */
void MS_K(gather_multiply)(const ms_gather_weights *w, size_t gives, size_t group,
                           const real *patch, size_t step, size_t count, real *y, size_t y_step)
{
  ms_conv_product p = { .a = (const operand *)patch, .step = step, .parts = 1, .run = w->depth,
                        .y_step = y_step };
  const real *weights = w->packed + group * w->depth * w->whole;
  const size_t vectors = w->whole / MS_LANES;
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t left = gives - v * MS_LANES;
    p.b = (const operand *)(weights + v * MS_LANES * w->depth);
    p.bias = w->bias + group * w->whole + v * MS_LANES;
    p.columns = left < wide * MS_LANES ? left : wide * MS_LANES;
    p.y = y + v * MS_LANES;
    MS_K(conv_product)(&p, count, wide);
  }
}

void MS_K(gather_finish)(const ms_gather *j, const ms_gather_weights *w, const real *sums,
                         size_t parts, real *gw)
{
  const size_t size = j->groups * w->depth * w->whole;
  for (size_t g = 0; g < j->groups; g++)
    for (size_t t = 0; t < j->y.taps * j->x.taps; t++)
      for (size_t c = 0; c < j->reads; c++, sums += w->whole)
        for (size_t o = 0; o < j->gives; o++) {
          real sum = sums[o];
          for (size_t p = 1; p < parts; p++) sum += sums[p * size + o];
          gw[t * j->tap + g * j->group + c * j->read + o * j->give] = sum;
        }
}
