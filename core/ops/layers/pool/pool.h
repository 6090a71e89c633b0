/* What the pooling operators share: windows and sizes. Sequences (batch, time, channel) are images
   (batch, time, frequency, channel) of one row. */
#ifndef MS_POOL_H
#define MS_POOL_H

#include "../../../kernels/windows/window_pooling.h"
#include "../../ops.h"

/* A stride of 0: as the window. */
typedef struct ms_pool_window {
  size_t size[2], stride[2], padding[2];
} ms_pool_window;

/* Fills the shape for x of 1 or 2 axes. 0, or -1 and a message. */
int ms_pool_sizes(const char *name, int axes, const ms_tensor *x, const ms_pool_window *w,
                  ms_window_shape *s);

/* The same without checks, from the sizes of x alone: for backward. */
void ms_pool_fill(int axes, const size_t *dim, const ms_pool_window *w, ms_window_shape *s);

/* x must be batch x time [x frequency] x channel: 0, or -1 and a message. */
int ms_pool_check(const char *name, int axes, const ms_tensor *x);

/* Windows of max_pool and avg_pool, which take sequences as well as images. */
typedef struct ms_any_pool {
  size_t kernel[2], stride[2], padding[2];
  int count_include_pad; /* of avg_pool */
} ms_any_pool;

/* The same for these: x has 1 or 2 axes. */
int ms_any_pool_sizes(const char *name, const ms_tensor *x, const ms_any_pool *a,
                      ms_window_shape *s);
void ms_any_pool_fill(int ndim, const size_t *dim, const ms_any_pool *a, ms_window_shape *s);

/* Room for the result. */
ms_tensor *ms_pooled(int axes, const ms_window_shape *s);

#endif
