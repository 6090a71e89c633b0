/* Clone, reshape, slice, concat, permute: numbers move or are shared, none changes. */
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

static const ms_op clone_op = { .name = "clone", .backward = clone_backward };

ms_tensor *ms_clone(ms_tensor *x)
{
  ms_tensor *y = ms_tensor_copy(x);
  return y ? ms_record(y, &clone_op, 1, &x, 0, NULL, NULL) : NULL;
}

/* ---- reshape ------------------------------------------------------------------------- */
static int reshape_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_view(gy, ndim, dim);
  return gx[0] ? 0 : -1;
}

static const ms_op reshape_op = { .name = "reshape", .backward = reshape_backward };

ms_tensor *ms_reshape(ms_tensor *x, int ndim, const size_t *dim)
{
  ms_tensor *y = ms_tensor_view(x, ndim, dim);
  return y ? ms_record(y, &reshape_op, 1, &x, 0, NULL, NULL) : NULL;
}

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

typedef struct cut {
  size_t first, width, pitch; /* of blocks in x: the first number, how many, how far apart */
} cut;

static int slice_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const cut *c = ms_node_args(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_zeros(ndim, dim);
  if (!gx[0]) return -1;
  if (c->width)
    copy_blocks(gy->data, c->width, gx[0]->data + c->first, c->pitch, gy->count / c->width,
                c->width);
  return 0;
}

static const ms_op slice_op = {
  .name = "slice", .backward = slice_backward, .args = sizeof(cut)
};

ms_tensor *ms_slice(ms_tensor *x, int axis, size_t first, size_t count)
{
  if (first + count > x->dim[axis])
    return ms_fail("slice: %zu..%zu is outside 1..%zu", first + 1, first + count, x->dim[axis]),
           NULL;
  size_t inner = 1, outer = 1, dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  for (int d = 0; d < axis; d++) outer *= dim[d];
  for (int d = axis + 1; d < x->ndim; d++) inner *= dim[d];
  dim[axis] = count;
  const cut c = { first * inner, count * inner, x->dim[axis] * inner };
  if (axis == 0) {
    ms_tensor *rows = ms_tensor_rows(x, first, count);
    return rows ? ms_record(rows, &slice_op, 1, &x, 0, NULL, &c) : NULL;
  }
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y) return NULL;
  copy_blocks(x->data + c.first, c.pitch, y->data, c.width, outer, c.width);
  return ms_record(y, &slice_op, 1, &x, 0, NULL, &c);
}

/* ---- concat --------------------------------------------------------------------------- */
typedef struct join {
  size_t blocks, width; /* numbers of a block of the whole; an input's are count / blocks */
} join;

static int concat_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const join *j = ms_node_args(n);
  size_t at = 0;
  for (int i = 0; at < j->width; i++) {
    int ndim;
    size_t count = 1;
    const size_t *dim = ms_node_input_dim(n, i, &ndim);
    for (int d = 0; d < ndim; d++) count *= dim[d];
    size_t width = count / j->blocks;
    if (ms_node_wants(n, i)) {
      gx[i] = ms_tensor_new(ndim, dim);
      if (!gx[i]) return -1;
      copy_blocks(gy->data + at, j->width, gx[i]->data, width, j->blocks, width);
    }
    at += width;
  }
  return 0;
}

static const ms_op concat_op = {
  .name = "concat", .backward = concat_backward, .args = sizeof(join)
};

static int concat_shape(int n, ms_tensor *const *x, int axis, size_t *dim)
{
  memcpy(dim, x[0]->dim, sizeof x[0]->dim);
  for (int i = 1; i < n; i++)
    for (int d = 0; d < x[0]->ndim || d < x[i]->ndim; d++)
      if (x[i]->ndim != x[0]->ndim || (d != axis && x[i]->dim[d] != dim[d])) {
        char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
        return ms_fail("concat: %s and %s differ beside dimension %d",
                       ms_shape_text(x[0]->ndim, x[0]->dim, a),
                       ms_shape_text(x[i]->ndim, x[i]->dim, b), axis + 1);
      }
  for (int i = 1; i < n; i++) dim[axis] += x[i]->dim[axis];
  return 0;
}

ms_tensor *ms_concat(int n, ms_tensor *const *x, int axis)
{
  size_t dim[MS_MAX_DIMS], blocks = 1, at = 0;
  if (x[0]->ndim == 0)
    return ms_fail("concat: single numbers have no dimension to join along"), NULL;
  if (concat_shape(n, x, axis, dim) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(x[0]->ndim, dim);
  if (!y) return NULL;
  for (int d = 0; d < axis; d++) blocks *= dim[d];
  size_t pitch = y->count ? y->count / blocks : 0;
  for (int i = 0; pitch && i < n; i++) {
    size_t width = x[i]->count / blocks;
    copy_blocks(x[i]->data, width, y->data + at, pitch, blocks, width);
    at += width;
  }
  return ms_record(y, &concat_op, n, x, 0, NULL, &(join){ blocks, pitch });
}

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

static int permute_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const int *order = ms_node_args(n);
  int ndim, back[MS_MAX_DIMS];
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  for (int d = 0; d < ndim; d++) back[order[d]] = d;
  gx[0] = ms_tensor_new(ndim, dim);
  if (gx[0]) permute(gy, back, gx[0]);
  return gx[0] ? 0 : -1;
}

static const ms_op permute_op = {
  .name = "permute", .backward = permute_backward, .args = MS_MAX_DIMS * sizeof(int)
};

ms_tensor *ms_permute(ms_tensor *x, const int *order)
{
  size_t dim[MS_MAX_DIMS];
  int copy_of_order[MS_MAX_DIMS] = { 0 };
  for (int d = 0; d < x->ndim; d++) dim[d] = x->dim[order[d]], copy_of_order[d] = order[d];
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y) return NULL;
  permute(x, order, y);
  return ms_record(y, &permute_op, 1, &x, 0, NULL, copy_of_order);
}
