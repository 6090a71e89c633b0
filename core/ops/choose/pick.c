/* Numbers at one position of each line along an axis, for what max, median, mode and others
   found. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"
#include "positions.h"

typedef struct along {
  int axis;
} along;

/* The index has x's sizes without the axis: its walk is gather's with 1 there. */
static int walk(int ndim, const size_t *x, int axis, ms_gathering *g)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x, (size_t)ndim * sizeof *dim);
  dim[axis] = 1;
  return ms_gathering_each("pick", ndim, x, axis, ndim, dim, g);
}

static int pick_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const along *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  ms_gathering g;
  if (walk(ndim, dim, a->axis, &g) != 0 || !(gx[0] = ms_tensor_zeros(ndim, dim))) return -1;
  ms_k_gathering()->scatter(&g, MS_SCATTER_ADD, ms_node_saved(n, 0)->data, gx[0]->data, gy->data,
                            1);
  return 0;
}

static ms_tensor *pick(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *index = c->input[1];
  const along *a = c->attributes;
  ms_gathering g;
  if (index->count * x->dim[a->axis] != x->count)
    return ms_fail("pick: a position for each line along the axis is expected"), NULL;
  if (walk(x->ndim, x->dim, a->axis, &g) != 0 || ms_positions_check(c, 1, g.n) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(index);
  if (y) ms_k_gathering()->gather(&g, index->data, x->data, y->data);
  return ms_record(c, y, 1, &c->input[1]);
}

/* internal.pick(x, axis, index): y[..., ...] = x[..., index[..., ...], ...] */
static const ms_op pick_op = {
  .name = "pick", .module = "internal", .forward = pick, .backward = pick_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_TENSOR(index) },
};
MS_OPERATOR(pick_op)
