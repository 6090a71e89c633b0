/* Convolutions 3x3 of stride 1 by Winograd's minimal filtering F(m x m, 3x3): a tile of m x m
   outputs comes from (m + 2)^2 products instead of 9 m^2, where m is 2 or 4 (Lavin and Gray 2016,
   "Fast Algorithms for Convolutional Neural Networks", sections 4.1 and 4.3; the points of m = 4
   are better ones, see winograd_lines.h). */
#ifndef MS_WINOGRAD_H
#define MS_WINOGRAD_H

#include "../conv_task.h"

/* Whether the transforms can take the shape. */
static inline int ms_winograd_fits(const ms_conv_shape *s)
{
  return s->kh == 3 && s->kw == 3 && s->sh == 1 && s->sw == 1 && s->cin >= MS_LANES &&
         s->cout >= MS_LANES;
}

/* The weight as (side + 2)^2 matrices cin x cout, one after the other within each block of columns,
   each packed as conv_product reads it. */
void MS_K(winograd_pack)(const ms_conv_task *t, size_t side, operand *to);

/* ---- the transforms, between images and planes of tiles -----------------------------------
   Tiles are counted over all images, row by row. Number xi of tile t and channel c is at
   [xi*plane + t*step + c]. Channels are MS_LANES or more. */
typedef struct ms_winograd_grid {
  const ms_conv_shape *s;
  size_t side, planes;         /* of a tile of outputs; numbers that stand for it, (side + 2)^2 */
  size_t rows, columns, tiles; /* tiles of an image, of all */
} ms_winograd_grid;

static inline ms_winograd_grid ms_winograd_cut(const ms_conv_shape *s, size_t side)
{
  const size_t rows = (s->oh + side - 1) / side, columns = (s->ow + side - 1) / side;
  return (ms_winograd_grid){ s, side, (side + 2) * (side + 2), rows, columns,
                             s->n * rows * columns };
}

typedef struct ms_winograd_planes {
  real *at;
  size_t plane, step;
} ms_winograd_planes;

/* The same of operands of channels (operand.h), whose number is even where an operand holds two. */
typedef struct ms_winograd_operands {
  operand *at;
  size_t plane, step;
} ms_winograd_operands;

/* Numbers of a plane of `tiles` rows of `step`: a line more, lest planes meet in one set of the
   cache. */
static inline size_t ms_winograd_plane(size_t tiles, size_t step)
{
  return (tiles * step + 15) / 16 * 16 + 16;
}

/* The patches of x under `count` tiles; prologue may be NULL. */
void MS_K(winograd_input)(const ms_winograd_grid *grid, const ms_conv_prologue *prologue,
                          const real *x, size_t first, size_t count, ms_winograd_planes to);
void MS_K(winograd_input_operands)(const ms_winograd_grid *grid, const ms_conv_prologue *prologue,
                                   const real *x,
                                size_t first, size_t count, ms_winograd_operands to);
/* The gradients of `count` tiles, for the gradient by weight. */
void MS_K(winograd_gradient)(const ms_winograd_grid *grid, const real *gy, size_t first,
                             size_t count, ms_winograd_planes to);
/* Sums of products to y: `channels` of them, of which y and bias (or NULL) hold the first;
   nontemporal: as stream_store.h says. Returns whether any sum is not finite: seen in the corners
   of the tiles, which every one of the planes reaches. */
int MS_K(winograd_output)(const ms_winograd_grid *grid, ms_winograd_planes from, size_t first,
                           size_t count, size_t channels, const real *bias, real *y,
                           int nontemporal);

#endif
