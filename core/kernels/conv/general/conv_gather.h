/* One phase of a convolution: which pixels are read for which result, and with which numbers of
   the weight. Forward and the gradient by input are both of this kind. */
#ifndef MS_GATHER_H
#define MS_GATHER_H

#include "../../simd/isa.h"
#include "lattice.h"

typedef struct ms_gather {
  ms_lattice y, x; /* down and across */
  size_t n, groups;
  const real *from;
  size_t from_h, from_w, reads; /* from (n, from_h, from_w, groups*reads) */
  real *to;
  size_t to_h, to_w, gives; /* to (n, to_h, to_w, groups*gives) */
  const real *weight;
  /* the weight's number for tap (a, b), group, channel read and channel given */
  size_t tap, row_taps, group, read, give;
  const real *bias; /* of all channels given, or NULL */
} ms_gather;

/* The only phase of y, from x. */
ms_gather MS_K(gather_forward)(const ms_general_shape *g, const real *x, const real *weight,
                               const real *bias, real *y);
/* Phase (r, q) of x, from gy. */
ms_gather MS_K(gather_back)(const ms_general_shape *g, const real *weight, const real *gy,
                            const real *bias, real *gx, size_t r, size_t q);

/* Where tap (a, b) of the phase lies in the weight. */
static inline size_t ms_gather_tap(const ms_gather *j, size_t a, size_t b)
{
  const ptrdiff_t down = (ptrdiff_t)j->y.tap + (ptrdiff_t)a * j->y.tap_step;
  const ptrdiff_t across = (ptrdiff_t)j->x.tap + (ptrdiff_t)b * j->x.tap_step;
  return ((size_t)down * j->row_taps + (size_t)across) * j->tap;
}

/* The results of a phase are counted over images, rows and columns. */
static inline size_t ms_gather_results(const ms_gather *j)
{
  return j->n * j->y.count * j->x.count;
}

/* Multiply-adds of a phase by those that take about a nanosecond: how large its loop is. */
static inline size_t ms_gather_size(const ms_gather *j)
{
  enum { AT_ONCE = 16 };
  return ms_gather_results(j) * j->y.taps * j->x.taps * j->groups * j->reads * j->gives / AT_ONCE;
}

static inline int ms_gather_inside(const ms_gather *j)
{
  return ms_lattice_inside(&j->y) && ms_lattice_inside(&j->x);
}

/* Copies what `count` results from number `first` on read of one group: to (count, taps, reads),
   with zeros where taps meet nothing. */
void MS_K(gather_patches)(const ms_gather *j, size_t group, size_t first, size_t count, real *to);

/* Each way of computing a phase: 0, or -1 and a message. */
int MS_K(gather_products)(const ms_gather *j);  /* patches times weights */
int MS_K(gather_depthwise)(const ms_gather *j); /* one channel to a group */
int MS_K(gather_small_groups)(const ms_gather *j); /* few of them */
int MS_K(are_small_groups)(const ms_gather *j);
int MS_K(gather_rows)(const ms_gather *j); /* rows of pixels times weights, where it takes them */
int MS_K(gather_takes_rows)(const ms_gather *j);
int MS_K(gather_plainly)(const ms_gather *j);   /* number by number: nothing outside is read */

/* The gradient by the weight, from the forward phase j, in whose `to` gy lies: to gw, each number
   where j finds that of the weight. */
int MS_K(weight_products)(const ms_gather *j, real *gw);
int MS_K(weight_depthwise)(const ms_gather *j, real *gw);
int MS_K(weight_small_groups)(const ms_gather *j, real *gw);
int MS_K(weight_rows)(const ms_gather *j, real *gw);
int MS_K(weight_plainly)(const ms_gather *j, real *gw);

#endif
