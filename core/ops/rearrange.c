/* Clone, reshape, slice, cat, permute: numbers move or are shared, none changes. */
#include <string.h>

#include "../base/error.h"
#include "../base/thread_pool.h"
#include "ops.h"

/* ---- clone --------------------------------------------------------------------------- */
static int clone_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  (void)n;
  gx[0] = ms_tensor_ref(gy);
  return 0;
}

static ms_tensor *clone(const ms_call *c)
{
  return ms_record(c, ms_tensor_copy(c->input[0]), 0, NULL);
}

/** x:clone() -> a copy with storage of its own; gradients pass through it, as in PyTorch.
    x:detach():clone() is a copy outside the graph, which may be changed in place */
static const ms_op clone_op = {
  .name = "clone", .forward = clone, .backward = clone_backward, .takes = { MS_TENSOR(x) },
};
MS_OPERATOR(clone_op)

/* ---- reshape ------------------------------------------------------------------------- */
static int reshape_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_view(gy, ndim, dim);
  return gx[0] ? 0 : -1;
}

typedef struct shape {
  ms_sizes sizes;
} shape;

/* The sizes, of which one may be -1: what is left of `count`. */
static int infer(const ms_sizes *sizes, size_t count, size_t *dim)
{
  int open = -1;
  size_t rest;
  for (int d = 0; d < sizes->count; d++) {
    if (sizes->size[d] < -1 || (sizes->size[d] == -1 && open >= 0))
      return ms_fail("reshape: sizes are whole numbers, 0 or more, and one may be -1, got %td",
                     sizes->size[d]);
    if (sizes->size[d] == -1) open = d;
    dim[d] = sizes->size[d] == -1 ? 1 : (size_t)sizes->size[d];
  }
  if (ms_shape_count(sizes->count, dim, &rest) != 0) return -1;
  if (open >= 0) dim[open] = rest ? count / rest : 0;
  return 0;
}

static ms_tensor *reshape(const ms_call *c)
{
  const shape *a = c->attributes;
  size_t dim[MS_MAX_DIMS] = { 0 };
  if (infer(&a->sizes, c->input[0]->count, dim) != 0) return NULL;
  return ms_record(c, ms_tensor_view(c->input[0], a->sizes.count, dim), 0, NULL);
}

/** x:reshape{2, -1} -> the same numbers in another shape; one size may be -1 */
static const ms_op reshape_op = {
  .name = "reshape", .forward = reshape, .backward = reshape_backward,
  .attributes = MS_ATTRIBUTES(shape), .takes = { MS_TENSOR(x), MS_THE_SIZES(shape, sizes) },
};
MS_OPERATOR(reshape_op)

/* ---- slice --------------------------------------------------------------------------- */
/* Blocks of `width` numbers that lie a pitch apart on either side. */
typedef struct copy {
  const real *from;
  real *to;
  size_t from_pitch, to_pitch, blocks, width, step;
} copy;

static void copy_some(void *arg, size_t chunk)
{
  const copy *c = arg;
  size_t end = (chunk + 1) * c->step < c->blocks ? (chunk + 1) * c->step : c->blocks;
  for (size_t b = chunk * c->step; b < end; b++)
    memcpy(c->to + b * c->to_pitch, c->from + b * c->from_pitch, c->width * sizeof(real));
}

static void copy_blocks(const real *from, size_t from_pitch, real *to, size_t to_pitch,
                        size_t blocks, size_t width)
{
  size_t step = ((size_t)1 << 16) / (width ? width : 1) + 1;
  copy c = { from, to, from_pitch, to_pitch, blocks, width, step };
  ms_parallel((blocks + step - 1) / step, copy_some, &c);
}

typedef struct slice {
  int axis;
  size_t first, last;
} slice;

/* A slice as blocks: where the first one begins in x, numbers of a block, from block to block. */
typedef struct blocks {
  size_t at, width, pitch;
} blocks;

static blocks blocks_of(int ndim, const size_t *dim, const slice *a)
{
  size_t inner = 1;
  for (int d = a->axis + 1; d < ndim; d++) inner *= dim[d];
  return (blocks){ a->first * inner, (a->last - a->first + 1) * inner, dim[a->axis] * inner };
}

static int slice_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const blocks b = blocks_of(ndim, dim, ms_node_attributes(n));
  gx[0] = ms_tensor_zeros(ndim, dim);
  if (!gx[0]) return -1;
  if (b.width)
    copy_blocks(gy->data, b.width, gx[0]->data + b.at, b.pitch, gy->count / b.width, b.width);
  return 0;
}

static ms_tensor *cut(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  const slice *a = c->attributes;
  if (a->last < a->first)
    return ms_fail("slice: the last position comes before the first"), NULL;
  const size_t count = a->last - a->first + 1;
  if (a->axis == 0) return ms_record(c, ms_tensor_rows(x, a->first, count), 0, NULL);
  const blocks b = blocks_of(x->ndim, x->dim, a);
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[a->axis] = count;
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (y && b.width)
    copy_blocks(x->data + b.at, b.pitch, y->data, b.width, y->count / b.width, b.width);
  return ms_record(c, y, 0, NULL);
}

/** x:slice(axis, first, last) -> positions first..last of one dimension, from 1, inclusive */
static const ms_op slice_op = {
  .name = "slice", .forward = cut, .backward = slice_backward, .attributes = MS_ATTRIBUTES(slice),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(slice, axis), MS_THE_POSITION(slice, first),
             MS_THE_POSITION(slice, last) },
};
MS_OPERATOR(slice_op)

/* ---- cat ------------------------------------------------------------------------------ */
typedef struct cat {
  int axis;
} cat;

static int cat_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const cat *a = ms_node_attributes(n);
  size_t at = 0, outer = 1, pitch = 1;
  for (int d = 0; d < gy->ndim; d++) *(d < a->axis ? &outer : &pitch) *= gy->dim[d];
  for (int i = 0; gy->count && at < pitch; i++) {
    int ndim;
    size_t width = 1;
    const size_t *dim = ms_node_input_dim(n, i, &ndim);
    for (int d = a->axis; d < ndim; d++) width *= dim[d];
    if (ms_needs_input_grad(n, i)) {
      gx[i] = ms_tensor_new(ndim, dim);
      if (!gx[i]) return -1;
      copy_blocks(gy->data + at, pitch, gx[i]->data, width, outer, width);
    }
    at += width;
  }
  return 0;
}

static int cat_shape(int n, ms_tensor *const *x, int axis, size_t *dim)
{
  memcpy(dim, x[0]->dim, sizeof x[0]->dim);
  for (int i = 1; i < n; i++)
    for (int d = 0; d < x[0]->ndim || d < x[i]->ndim; d++)
      if (x[i]->ndim != x[0]->ndim || (d != axis && x[i]->dim[d] != dim[d])) {
        char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
        return ms_fail("cat: %s and %s differ beside dimension %d",
                       ms_shape_text(x[0]->ndim, x[0]->dim, a),
                       ms_shape_text(x[i]->ndim, x[i]->dim, b), axis + 1);
      }
  for (int i = 1; i < n; i++) dim[axis] += x[i]->dim[axis];
  return 0;
}

static ms_tensor *join(const ms_call *c)
{
  ms_tensor *const *x = c->input;
  const cat *a = c->attributes;
  size_t dim[MS_MAX_DIMS], outer = 1, at = 0;
  if (x[0]->ndim == 0) return ms_fail("cat: scalars have no dimension to join along"), NULL;
  if (cat_shape(c->inputs, x, a->axis, dim) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(x[0]->ndim, dim);
  if (!y) return NULL;
  for (int d = 0; d < a->axis; d++) outer *= dim[d];
  size_t pitch = y->count ? y->count / outer : 0;
  for (int i = 0; pitch && i < c->inputs; i++) {
    size_t width = x[i]->count / outer;
    copy_blocks(x[i]->data, width, y->data + at, pitch, outer, width);
    at += width;
  }
  return ms_record(c, y, 0, NULL);
}

/** ms.cat({a, b, ...}, [axis = -1]) -> tensors side by side along one dimension; as many as memory
    holds */
static const ms_op cat_op = {
  .name = "cat", .forward = join, .backward = cat_backward, .attributes = MS_ATTRIBUTES(cat),
  .takes = { MS_LIST(tensors), MS_AXIS(cat, axis, MS_LAST) },
};
MS_OPERATOR(cat_op)

/* ---- permute --------------------------------------------------------------------------- */
/* Runs along y's last dimension, from places of x that lie `along` apart in each of y's others. */
typedef struct move {
  const real *from;
  real *to;
  int ndim;
  size_t dim[MS_MAX_DIMS], along[MS_MAX_DIMS], runs, step; /* step: runs to a chunk */
} move;

static void move_runs(void *arg, size_t chunk)
{
  const move *m = arg;
  const int last = m->ndim - 1;
  const size_t width = m->dim[last], pitch = m->along[last];
  const size_t end = (chunk + 1) * m->step < m->runs ? (chunk + 1) * m->step : m->runs;
  for (size_t r = chunk * m->step; r < end; r++) {
    const real *from = m->from;
    real *to = m->to + r * width;
    size_t rest = r;
    for (int d = last - 1; d >= 0; rest /= m->dim[d--]) from += rest % m->dim[d] * m->along[d];
    if (pitch == 1) memcpy(to, from, width * sizeof(real));
    else
      for (size_t i = 0; i < width; i++) to[i] = from[i * pitch];
  }
}

static void permute(const ms_tensor *x, const int *order, ms_tensor *y)
{
  size_t step[MS_MAX_DIMS], run = 1;
  if (!y->count) return;
  if (!x->ndim) {
    y->data[0] = x->data[0];
    return;
  }
  move m = { .from = x->data, .to = y->data, .ndim = y->ndim };
  for (int d = x->ndim - 1; d >= 0; d--) step[d] = run, run *= x->dim[d];
  for (int d = 0; d < x->ndim; d++) m.dim[d] = y->dim[d], m.along[d] = step[order[d]];
  m.runs = y->count / m.dim[m.ndim - 1];
  m.step = ((size_t)1 << 14) / m.dim[m.ndim - 1] + 1;
  ms_parallel((m.runs + m.step - 1) / m.step, move_runs, &m);
}

typedef struct order {
  ms_sizes order; /* y's dimension d is x's order[d], from 1 */
} order;

static int permute_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const order *a = ms_node_attributes(n);
  int ndim, back[MS_MAX_DIMS];
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  for (int d = 0; d < ndim; d++) back[a->order.size[d] - 1] = d;
  gx[0] = ms_tensor_new(ndim, dim);
  if (gx[0]) permute(gy, back, gx[0]);
  return gx[0] ? 0 : -1;
}

/* Whether the order names every dimension once. */
static int is_order(const ms_sizes *s, int ndim)
{
  int seen = 0;
  for (int d = 0; d < s->count; d++)
    if (s->size[d] >= 1 && s->size[d] <= ndim) seen |= 1 << (s->size[d] - 1);
  return s->count == ndim && seen == (1 << ndim) - 1;
}

static ms_tensor *reorder(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const order *a = c->attributes;
  int from[MS_MAX_DIMS];
  size_t dim[MS_MAX_DIMS];
  if (!is_order(&a->order, x->ndim))
    return ms_fail("permute: the order must name each of the %d dimensions once", x->ndim), NULL;
  for (int d = 0; d < x->ndim; d++) {
    from[d] = (int)a->order.size[d] - 1;
    dim[d] = x->dim[from[d]];
  }
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (y) permute(x, from, y);
  return ms_record(c, y, 0, NULL);
}

/** x:permute{1, 3, 2} -> the dimensions in another order */
static const ms_op permute_op = {
  .name = "permute", .forward = reorder, .backward = permute_backward,
  .attributes = MS_ATTRIBUTES(order), .takes = { MS_TENSOR(x), MS_THE_SIZES(order, order) },
};
MS_OPERATOR(permute_op)
