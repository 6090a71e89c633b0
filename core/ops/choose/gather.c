/* gather, index_select, take: numbers of x at positions. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"
#include "positions.h"

typedef struct along {
  int axis;
} along;

/* gx is 0, and gy added where it came from. */
static int give_back(const ms_node *n, const ms_gathering *g, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_zeros(ndim, dim);
  if (!gx[0]) return -1;
  ms_k_gathering()->scatter(g, MS_SCATTER_ADD, ms_node_saved(n, 0)->data, gx[0]->data, gy->data, 1);
  return 0;
}

/* y of that shape, read from x. */
static ms_tensor *read(const ms_call *c, const ms_gathering *g, int ndim, const size_t *dim)
{
  if (ms_positions_check(c, 1, g->n) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (y) ms_k_gathering()->gather(g, c->input[1]->data, c->input[0]->data, y->data);
  return ms_record(c, y, 1, &c->input[1]);
}

/* ---- gather ---------------------------------------------------------------------------------- */
static int gather_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const along *a = ms_node_attributes(n);
  ms_gathering g;
  if (ms_gathering_each("gather", ndim, dim, a->axis, gy->ndim, gy->dim, &g) != 0) return -1;
  return give_back(n, &g, gy, gx);
}

static ms_tensor *gather(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *index = c->input[1];
  const along *a = c->attributes;
  ms_gathering g;
  if (ms_gathering_each("gather", x->ndim, x->dim, a->axis, index->ndim, index->dim, &g) != 0)
    return NULL;
  return read(c, &g, index->ndim, index->dim);
}

/** x:gather(axis, index) -> numbers of x in the shape of index, each from the position along the
    axis that index holds at its place, as PyTorch's gather; positions count from 1, negative ones
    from the end. index has x's dimensions and, beside the axis, at most its sizes. Gradient to x
    */
static const ms_op gather_op = {
  .name = "gather", .forward = gather, .backward = gather_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_TENSOR(index) },
};
MS_OPERATOR(gather_op)

/* ---- index_select ---------------------------------------------------------------------------- */
static int index_select_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const along *a = ms_node_attributes(n);
  ms_gathering g;
  ms_gathering_slices(ndim, dim, a->axis, gy->dim[a->axis], &g);
  return give_back(n, &g, gy, gx);
}

static ms_tensor *index_select(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *index = c->input[1];
  const along *a = c->attributes;
  char text[MS_SHAPE_TEXT];
  size_t dim[MS_MAX_DIMS];
  ms_gathering g;
  if (index->ndim > 1)
    return ms_fail("index_select: the index must be a list of positions, got %s",
                   ms_shape_text(index->ndim, index->dim, text)), NULL;
  ms_gathering_slices(x->ndim, x->dim, a->axis, index->count, &g);
  memcpy(dim, x->dim, sizeof dim);
  dim[a->axis] = index->count;
  return read(c, &g, x->ndim, dim);
}

/** x:index_select(axis, index) -> the slices of x at the positions of the list index along the
    axis, in its order and as often as it names them; positions count from 1, negative ones from
    the end. Gradient to x */
static const ms_op index_select_op = {
  .name = "index_select", .forward = index_select, .backward = index_select_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_OPERAND(index) },
};
MS_OPERATOR(index_select_op)

/* ---- take ------------------------------------------------------------------------------------ */
static int take_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  size_t count;
  ms_gathering g;
  if (ms_shape_count(ndim, dim, &count) != 0) return -1;
  ms_gathering_slices(1, &count, 0, gy->count, &g);
  return give_back(n, &g, gy, gx);
}

static ms_tensor *take(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *index = c->input[1];
  ms_gathering g;
  ms_gathering_slices(1, &x->count, 0, index->count, &g);
  return read(c, &g, index->ndim, index->dim);
}

/** x:take(index) -> numbers of x in the shape of index, whose positions count through x in
    row-major order, from 1, negative ones from the end. Gradient to x */
static const ms_op take_op = {
  .name = "take", .forward = take, .backward = take_backward,
  .takes = { MS_TENSOR(x), MS_OPERAND(index) },
};
MS_OPERATOR(take_op)
