/* scatter, scatter_add, index_add: numbers written to positions of a copy of x. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/reductions.h"
#include "../ops.h"
#include "positions.h"

typedef struct along {
  int axis;
  double alpha;
} along;

/* The walk of the index over x and the source, which may be larger than the index. */
static int walk(const ms_call *c, ms_gathering *g)
{
  const ms_tensor *x = c->input[0], *index = c->input[1], *source = c->input[2];
  const along *a = c->attributes;
  char i[MS_SHAPE_TEXT], s[MS_SHAPE_TEXT];
  if (ms_gathering_each(c->op->name, x->ndim, x->dim, a->axis, index->ndim, index->dim, g) != 0)
    return -1;
  if (source->ndim == 0 || ms_tensor_same_shape(source, index)) return 0;
  return ms_fail("%s: the source must have the shape of the index or be a number, got %s and %s",
                 c->op->name, ms_shape_text(source->ndim, source->dim, s),
                 ms_shape_text(index->ndim, index->dim, i));
}

/* The same walk in backward. */
static int walk_back(const ms_node *n, ms_gathering *g)
{
  const along *a = ms_node_attributes(n);
  const ms_tensor *index = ms_node_saved(n, 0);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  return ms_gathering_each(ms_node_op(n)->name, ndim, dim, a->axis, index->ndim, index->dim, g);
}

/* The source as a tensor of the index's shape: a new reference. */
static ms_tensor *broadcast_source(const ms_call *c)
{
  ms_tensor *source = c->input[2];
  if (ms_tensor_same_shape(source, c->input[1])) return ms_tensor_ref(source);
  ms_tensor *s = ms_tensor_like(c->input[1]);
  for (size_t i = 0; s && i < s->count; i++) s->data[i] = source->data[0];
  return s;
}

static ms_tensor *write(const ms_call *c, const ms_gathering *g, ms_scattering kind,
                        ms_tensor *source, double scale)
{
  if (ms_positions_check(c, 1, g->n) != 0) return NULL;
  ms_tensor *y = ms_tensor_copy(c->input[0]);
  if (y)
    ms_k_gathering()->scatter(g, kind, c->input[1]->data, y->data, source->data, (real)scale);
  return ms_record(c, y, 1, &c->input[1]);
}

static ms_tensor *scatter_by(const ms_call *c, ms_scattering kind)
{
  ms_gathering g;
  if (walk(c, &g) != 0) return NULL;
  ms_tensor *source = broadcast_source(c);
  ms_tensor *y = source ? write(c, &g, kind, source, 1) : NULL;
  ms_tensor_free(source);
  return y;
}

/* The gradient of the source as it was given: g of the index's shape, or its sum; takes g over.
   */
static ms_tensor *of_source(const ms_node *n, ms_tensor *g)
{
  int ndim;
  ms_node_input_dim(n, 2, &ndim);
  if (ndim == g->ndim) return g;
  ms_tensor *sum = ms_tensor_number(ms_k_reductions()->sum(g->data, g->count));
  ms_tensor_free(g);
  return sum;
}

/* ---- scatter --------------------------------------------------------------------------------- */
/* What was written over gives nothing to x; of several for one place the last one has all. */
static int scatter_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *index = ms_node_saved(n, 0);
  ms_gathering g;
  if (walk_back(n, &g) != 0) return -1;
  ms_tensor *rest = ms_tensor_copy(gy), *taken = rest ? ms_tensor_like(index) : NULL;
  if (!taken) return ms_tensor_free(rest), -1;
  ms_k_gathering()->scatter(&g, MS_SCATTER_TAKE, index->data, rest->data, taken->data, 1);
  gx[0] = rest;
  gx[2] = of_source(n, taken);
  return gx[2] ? 0 : -1;
}

static ms_tensor *scatter(const ms_call *c)
{
  return scatter_by(c, MS_SCATTER_SET);
}

/** x:scatter(axis, index, source) -> a copy of x in which each number of source (a tensor of
    index's shape, or a number) stands at the position along the axis that index holds at its
    place, as PyTorch's scatter; of several for one place the last in row-major order stays.
    Positions count from 1, negative ones from the end. Gradients to x and to what stayed of
    source */
static const ms_op scatter_op = {
  .name = "scatter", .forward = scatter, .backward = scatter_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_TENSOR(index), MS_OPERAND(source) },
};
MS_OPERATOR(scatter_op)

/* ---- scatter_add ----------------------------------------------------------------------------- */
static int scatter_add_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *index = ms_node_saved(n, 0);
  ms_gathering g;
  gx[0] = ms_tensor_ref(gy);
  if (!ms_needs_input_grad(n, 2)) return 0;
  ms_tensor *taken = walk_back(n, &g) == 0 ? ms_tensor_like(index) : NULL;
  if (!taken) return -1;
  ms_k_gathering()->gather(&g, index->data, gy->data, taken->data);
  gx[2] = of_source(n, taken);
  return gx[2] ? 0 : -1;
}

static ms_tensor *scatter_add(const ms_call *c)
{
  return scatter_by(c, MS_SCATTER_ADD);
}

/** x:scatter_add(axis, index, source) -> a copy of x to which each number of source (a tensor of
    index's shape, or a number) is added at the position along the axis that index holds at its
    place; the same bits for any number of threads. Positions count from 1, negative ones from the
    end. Gradients to x and source */
static const ms_op scatter_add_op = {
  .name = "scatter_add", .forward = scatter_add, .backward = scatter_add_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_TENSOR(index), MS_OPERAND(source) },
};
MS_OPERATOR(scatter_add_op)

/* ---- index_add ------------------------------------------------------------------------------- */
static int index_add_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const along *a = ms_node_attributes(n);
  const ms_tensor *index = ms_node_saved(n, 0);
  ms_gathering g;
  gx[0] = ms_tensor_ref(gy);
  if (!ms_needs_input_grad(n, 2)) return 0;
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 2, &ndim);
  gx[2] = ms_tensor_new(ndim, dim);
  if (!gx[2]) return -1;
  ms_gathering_slices(gy->ndim, gy->dim, a->axis, index->count, &g);
  ms_k_gathering()->gather(&g, index->data, gy->data, gx[2]->data);
  if (a->alpha != 1)
    ms_k_elementwise()->affine(gx[2]->data, gx[2]->data, gx[2]->count, (real)a->alpha, 0);
  return 0;
}

static ms_tensor *index_add(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *index = c->input[1], *source = c->input[2];
  const along *a = c->attributes;
  char text[2][MS_SHAPE_TEXT];
  size_t dim[MS_MAX_DIMS];
  ms_gathering g;
  if (index->ndim > 1)
    return ms_fail("index_add: the index must be a list of positions, got %s",
                   ms_shape_text(index->ndim, index->dim, text[0])), NULL;
  memcpy(dim, x->dim, sizeof dim);
  dim[a->axis] = index->count;
  if (!ms_shape_same(x->ndim, dim, source->ndim, source->dim))
    return ms_fail("index_add: the source must be %s, a slice of x for each position, got %s",
                   ms_shape_text(x->ndim, dim, text[0]),
                   ms_shape_text(source->ndim, source->dim, text[1])), NULL;
  ms_gathering_slices(x->ndim, x->dim, a->axis, index->count, &g);
  return write(c, &g, MS_SCATTER_ADD, c->input[2], a->alpha);
}

/** x:index_add(axis, index, source, {alpha = 1}) -> a copy of x in which slice i of source, times
    alpha, is added to the slice of x at position index[i] along the axis; the same bits for any
    number of threads. Positions count from 1, negative ones from the end. Gradients to x and
    source */
static const ms_op index_add_op = {
  .name = "index_add", .forward = index_add, .backward = index_add_backward,
  .attributes = MS_ATTRIBUTES(along),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis), MS_TENSOR(index), MS_TENSOR(source),
             MS_NAMED_NUMBER(along, alpha, 1) },
};
MS_OPERATOR(index_add_op)
