/* Frames of a signal, and their sum at their places: unfold and fold, each the other's gradient. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../../kernels/strided.h"
#include "../ops.h"
#include "strides.h"

typedef struct unfold {
  int axis;
  size_t size, step;
} unfold;

typedef struct fold {
  int axis;
  size_t step, length; /* length 0: as long as the frames reach */
} fold;

/* ---- cutting -------------------------------------------------------------------------------- */
/* The first `frames` frames along an axis: they take its place, what is in one comes last. */
static ms_tensor *cut(ms_tensor *x, int axis, size_t frames, size_t size, size_t step)
{
  ms_strided s = { .ndim = x->ndim + 1 };
  size_t dim[MS_MAX_DIMS + 1];
  int whole = 1;
  ms_strides(x->ndim, x->dim, s.from);
  memcpy(dim, x->dim, sizeof x->dim);
  dim[axis] = frames;
  dim[x->ndim] = size;
  s.from[x->ndim] = s.from[axis];
  if (frames > 1) s.from[axis] *= (ptrdiff_t)step;
  memcpy(s.dim, dim, sizeof dim);
  ms_strides(s.ndim, dim, s.to);
  for (int d = 0; d < s.ndim; d++) whole &= dim[d] == 1 || s.from[d] == s.to[d];
  if (whole && x->count) return ms_tensor_part(x, s.ndim, dim, 0);
  ms_tensor *y = ms_tensor_new(s.ndim, dim);
  if (y) ms_strided_copy(&s, x->data, y->data);
  return y;
}

/* ---- adding up: x (outer, frames, inner, size) -> y (outer, length, inner) ------------------ */
typedef struct job {
  const real *x;
  real *y;
  size_t frames, inner, size, step, length, block, blocks; /* block: positions to a chunk */
} job;

/* What frame f has in positions first..end-1 of y. */
static void add_frame(const job *j, const real *x, real *y, size_t f, size_t first, size_t end)
{
  const size_t at = f * j->step, low = first > at ? first - at : 0;
  const size_t high = end - at < j->size ? end - at : j->size;
  for (size_t i = 0; i < j->inner; i++)
    ms_k_strided()->add(x + (f * j->inner + i) * j->size + low, y + (at + low) * j->inner + i,
                        (ptrdiff_t)j->inner, high - low);
}

static void sum_block(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t o = chunk / j->blocks, first = chunk % j->blocks * j->block;
  const size_t end = first + j->block < j->length ? first + j->block : j->length;
  const real *x = j->x + o * j->frames * j->inner * j->size;
  real *y = j->y + o * j->length * j->inner;
  memset(y + first * j->inner, 0, (end - first) * j->inner * sizeof(real));
  const size_t none = first < j->size ? 0 : (first - j->size) / j->step + 1; /* end before first */
  for (size_t f = none; f < j->frames && f * j->step < end; f++)
    add_frame(j, x, y, f, first, end);
}

/* x's last dimension goes, and those of `axis` become `length` positions. */
static ms_tensor *sum_frames(const ms_tensor *x, int axis, size_t step, size_t length)
{
  size_t dim[MS_MAX_DIMS], outer = 1;
  job j = { .x = x->data, .frames = x->dim[axis], .inner = 1, .size = x->dim[x->ndim - 1],
            .step = step, .length = length };
  memcpy(dim, x->dim, sizeof dim);
  dim[axis] = length;
  for (int d = 0; d < axis; d++) outer *= dim[d];
  for (int d = axis + 1; d < x->ndim - 1; d++) j.inner *= dim[d];
  ms_tensor *y = ms_tensor_new(x->ndim - 1, dim);
  if (!y || !y->count) return y;
  j.y = y->data;
  j.block = ((size_t)1 << 14) / j.inner + 1;
  j.blocks = (length + j.block - 1) / j.block;
  ms_parallel(outer * j.blocks, sum_block, &j);
  return y;
}

/* ---- unfold --------------------------------------------------------------------------------- */
static int unfold_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const unfold *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = sum_frames(gy, a->axis, a->step, dim[a->axis]);
  return gx[0] ? 0 : -1;
}

static ms_tensor *unfolded(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  const unfold *a = c->attributes;
  if (x->ndim == MS_MAX_DIMS)
    return ms_fail("unfold: a tensor has at most %d dimensions", MS_MAX_DIMS), NULL;
  const size_t length = x->dim[a->axis];
  if (a->size > length)
    return ms_fail("unfold: frames of %zu do not fit into the %zu positions of dimension %d",
                   a->size, length, a->axis + 1), NULL;
  const size_t frames = (length - a->size) / a->step + 1;
  return ms_record(c, cut(x, a->axis, frames, a->size, a->step), 0, NULL);
}

/** x:unfold(axis, size, step) -> frames of `size` positions that begin `step` apart along a
    dimension, where their number stands; their numbers are a new last dimension: (batch, samples)
    becomes (batch, frames, size). What does not fill a frame is left out */
static const ms_op unfold_op = {
  .name = "unfold", .forward = unfolded, .backward = unfold_backward,
  .attributes = MS_ATTRIBUTES(unfold),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(unfold, axis), MS_THE_COUNT(unfold, size),
             MS_THE_COUNT(unfold, step) },
};
MS_OPERATOR(unfold_op)

/* ---- fold ----------------------------------------------------------------------------------- */
static int fold_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const fold *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = cut(gy, a->axis, dim[a->axis], dim[ndim - 1], a->step);
  return gx[0] ? 0 : -1;
}

static ms_tensor *folded(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const fold *a = c->attributes;
  if (a->axis >= x->ndim - 1)
    return ms_fail("fold: the last dimension is what lies in a frame; the frames' own comes before "
                   "it"), NULL;
  const size_t frames = x->dim[a->axis], size = x->dim[x->ndim - 1];
  if (frames && a->step > ((size_t)1 << 44) / frames)
    return ms_fail("fold: a step of %zu is too large", a->step), NULL;
  const size_t reach = frames ? (frames - 1) * a->step + size : 0;
  if (a->length && a->length < reach)
    return ms_fail("fold: the frames reach %zu positions, the length is %zu", reach, a->length),
           NULL;
  return ms_record(c, sum_frames(x, a->axis, a->step, a->length ? a->length : reach), 0, NULL);
}

/** x:fold(axis, step, [length]) -> the sum of frames (overlap-add): those along `axis`, whose
    numbers are the last dimension, begin `step` apart; (batch, frames, size) with axis 2 becomes
    (batch, length). length: at first as far as frames reach; zeros fill a longer one */
static const ms_op fold_op = {
  .name = "fold", .forward = folded, .backward = fold_backward, .attributes = MS_ATTRIBUTES(fold),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(fold, axis), MS_THE_COUNT(fold, step),
             MS_COUNT(fold, length, 0) },
};
MS_OPERATOR(fold_op)
