/* Sizes of tensors: counting, comparing, broadcasting, writing down. */
#ifndef MS_SHAPE_H
#define MS_SHAPE_H

#include <stddef.h>

enum { MS_MAX_DIMS = 8, MS_SHAPE_TEXT = 160 };

/* The product of the sizes (1 for none), or -1 and a message where it is too large: beyond
   2^44 numbers, or beyond 2^24 for the other sizes of an empty one. */
int ms_shape_count(int ndim, const size_t *dim, size_t *count);

/* "2x3x4" ("a number" for no dimensions) into text, which is returned. */
const char *ms_shape_text(int ndim, const size_t *dim, char text[MS_SHAPE_TEXT]);

int ms_shape_same(int na, const size_t *a, int nb, const size_t *b);

/* The common shape of two, aligned at the last dimension, where a size of 1 stretches.
   0, or -1 (no message: the operator knows its name). */
int ms_shape_broadcast(int na, const size_t *a, int nb, const size_t *b, int *n, size_t *dim);

#endif
