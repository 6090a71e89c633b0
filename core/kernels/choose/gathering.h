/* Numbers read from and written to positions along one dimension, and numbers that a mask picks.
   */
#ifndef MS_GATHERING_H
#define MS_GATHERING_H

#include <stddef.h>

#include "../../base/real.h"

enum { MS_GATHERING_DIMS = 8 };

/* How one walk over `dim` steps through three tensors: the index, whose numbers are positions
   from 1 (negative ones from the end) along the axis of x, which has n of them; x itself; and y,
   what is read or written beside it. A step of 0 repeats. */
typedef struct ms_gathering {
  int ndim, axis;
  size_t dim[MS_GATHERING_DIMS];
  size_t index[MS_GATHERING_DIMS], x[MS_GATHERING_DIMS], y[MS_GATHERING_DIMS];
  size_t n;
} ms_gathering;

typedef enum ms_scattering { MS_SCATTER_SET, MS_SCATTER_ADD, MS_SCATTER_TAKE } ms_scattering;

typedef struct __attribute__((designated_init)) ms_gathering_kernels {
  /* The first of `count` numbers that is no position in 1..n or -n..-1; count: all are. */
  size_t (*find_wrong)(const real *index, size_t count, size_t n);
  /* y = x at the positions */
  void (*gather)(const ms_gathering *g, const real *index, const real *x, real *y);
  /* SET: x at the positions = scale y, the last one of several; ADD: x += scale y, in order;
     TAKE: from the last to the first, y = x and x = 0. */
  void (*scatter)(const ms_gathering *g, ms_scattering kind, const real *index, real *x, real *y,
                  real scale);
  /* How many numbers of the mask are not 0; y = x there, in order; back: gx = gy there, else 0 */
  size_t (*mask_count)(const real *mask, size_t n);
  void (*mask_select)(const real *mask, const real *x, real *y, size_t n);
  void (*mask_scatter)(const real *mask, const real *gy, real *gx, size_t n);
  /* Positions (how many, ndim), from 1, of the numbers that are not 0; ndim is 1 or more */
  void (*mask_places)(const real *mask, int ndim, const size_t *dim, real *places);
} ms_gathering_kernels;

const ms_gathering_kernels *ms_k_gathering(void);

#endif
