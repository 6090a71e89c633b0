/* Copies that put images and weights into the order in which the tiles read them. */
#ifndef MS_CONV_PACK_H
#define MS_CONV_PACK_H

#include <stddef.h>

#include "../../../base/memory.h"
#include "../../simd/affine_relu.h"
#include "conv_microkernel.h"
#include "conv_shape.h"

/* Width and height in pixels of an image with its zero border, as far as kernels reach. */
static inline size_t ms_conv_padded_w(const ms_conv_shape *s)
{
  return (s->ow - 1) * s->sw + s->kw;
}
static inline size_t ms_conv_padded_h(const ms_conv_shape *s)
{
  return (s->oh - 1) * s->sh + s->kh;
}

/* No kernel reaches outside x. */
static inline int ms_conv_borderless(const ms_conv_shape *s)
{
  return !s->ph && !s->pw && ms_conv_padded_w(s) <= s->w && ms_conv_padded_h(s) <= s->h;
}

/* Kernels of one pixel, for every pixel of x. */
static inline int ms_conv_pointwise(const ms_conv_shape *s)
{
  return s->kh * s->kw * s->sh * s->sw == 1 && s->h == s->oh && s->w == s->ow;
}

/* What happens to x as it is read; scale and shift of all channels are repeated to `wide`
   numbers. */
typedef struct ms_conv_prologue {
  ms_affine_relu norm;
  size_t wide;
} ms_conv_prologue;

/* Rows first .. first+rows-1 of the bordered image of x (h, w, cin): to (rows, padded_w, operands
   of cin). A prologue may be NULL, here and below. */
void MS_K(conv_pack_rows)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                          size_t first, size_t rows, operand *to);

/* Those rows for sums over pixels: to (rows, padded_w, cin), where an operand that holds two
   numbers holds those of a pixel and of the one that the kernel sees next, sw to the right. */
void MS_K(conv_pack_pairs)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                           size_t first, size_t rows, operand *to);

/* Rows copied into a scratch slot; or in place where the image has no border and nothing is done to
   it, and operands are numbers. *line = operands from one row to the next. NULL without memory. */
const operand *MS_K(conv_band)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                               const real *x,
                            size_t first, size_t rows, ms_scratch_key *room, size_t *line);

/* The patches under `count` pixels of y, counted over all images: to (count, kh*kw*operands of
   cin). */
void MS_K(conv_pack_patches)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                             const real *x, size_t from, size_t count, operand *to);

/* x (pixels, channels) as (pixels, operands of channels): in place, or in the scratch `room`.
   NULL without memory. */
const operand *MS_K(conv_pack_pixels)(const real *x, size_t pixels, size_t channels,
                                      ms_scratch_key *room);

/* gy (rows, width, channels) for sums over pixels: to (rows, operands of width, step), filled up
   with zeros. */
void MS_K(conv_pack_gradients)(const real *gy, size_t rows, size_t width, size_t channels,
                               size_t step, operand *to);

/* A weight read as a matrix, in any order of its axes. Row (s, i) of row_taps x row_inner and
   column (t, j) of column_taps x column_inner meet at
   weight[(s + t)*tap + i*row + j*column]. */
typedef struct ms_conv_matrix {
  const real *weight;
  ptrdiff_t tap, row, column;
  size_t row_taps, row_inner, column_taps, column_inner;
} ms_conv_matrix;

/* Words that the packed matrix takes. */
static inline size_t ms_conv_packed(const ms_conv_matrix *m)
{
  return m->row_taps * ms_conv_operands(m->row_inner) *
         ms_conv_vectors(m->column_taps * m->column_inner) *
         MS_LANES;
}

/* Packs it as conv_product reads it: block after block of columns (ms_conv_block), each with
   all rows, whole vectors filled up with zeros; operands hold neighbours of row_inner. Parallel. */
void MS_K(conv_pack_matrix)(const ms_conv_matrix *m, operand *to);

#endif
