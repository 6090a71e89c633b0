/* Convolutions 3x3 of stride 1 by Winograd's minimal filtering F(2x2, 3x3): every four outputs of a
   tile come from sixteen products instead of thirty-six (Lavin and Gray 2016, "Fast Algorithms
   for Convolutional Neural Networks", section 4.1). The sums have no factor but 1/2, so the error
   stays that of the plain sums. */
#ifndef MS_WINOGRAD_H
#define MS_WINOGRAD_H

#include "conv_forward.h"
#include "conv_weight.h"

/* Whether the shape goes this way and gains by it: forward, and by weight. */
int MS_K(winograd_fits)(const ms_conv_shape *s);
int MS_K(winograd_weight_fits)(const ms_conv_shape *s);

/* As conv_forward and conv_weight, for shapes that fit; gw lies as w does, out == 1. */
int MS_K(winograd_forward)(const ms_conv_task *t);
int MS_K(winograd_weight)(const ms_conv_weight *t);

/* ---- the transforms, between images and sixteen planes of tiles ---------------------------
   Tiles of 2x2 outputs are counted over all images, row by row. Number xi of tile t and channel c
   is at [xi*plane + t*step + c]. Channels are MS_LANES or more. */
typedef struct ms_winograd_planes {
  real *at;
  size_t plane, step;
} ms_winograd_planes;

/* The same of words of channels (word.h), whose number is even where a word holds two. */
typedef struct ms_winograd_words {
  word *at;
  size_t plane, step;
} ms_winograd_words;

static inline size_t ms_winograd_columns(const ms_conv_shape *s) { return (s->ow + 1) / 2; }
static inline size_t ms_winograd_tiles(const ms_conv_shape *s)
{
  return s->n * ((s->oh + 1) / 2) * ms_winograd_columns(s);
}

/* Numbers of a plane of `tiles` rows of `step`: a line more, lest sixteen planes meet in one
   set of the cache. */
static inline size_t ms_winograd_plane(size_t tiles, size_t step)
{
  return (tiles * step + 15) / 16 * 16 + 16;
}

/* The patches of 4x4 pixels of x under `count` tiles; entry may be NULL. */
void MS_K(winograd_input)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                          size_t first, size_t count, ms_winograd_planes to);
void MS_K(winograd_input_words)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                                size_t first, size_t count, ms_winograd_words to);
/* The gradients of `count` tiles, for the gradient by weight. */
void MS_K(winograd_gradient)(const ms_conv_shape *s, const real *gy, size_t first, size_t count,
                             ms_winograd_planes to);
/* Sums of products to y: `channels` of them, of which y and bias (or NULL) hold the first; past: as past.h
   says. */
void MS_K(winograd_output)(const ms_conv_shape *s, ms_winograd_planes from, size_t first,
                           size_t count, size_t channels, const real *bias, real *y, int past);

#endif
