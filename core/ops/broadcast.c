/* Inputs of one shape by stretching sizes of 1, and gradients folded back over them. */
#include "broadcast.h"

#include <string.h>

#include "../base/error.h"
#include "../kernels/reductions.h"

/* How far a step along each dimension of the large shape moves in the small tensor. */
static void strides(int ns, const size_t *small, int nl, const size_t *large, size_t step[])
{
  size_t run = 1;
  for (int d = nl - 1; d >= 0; d--) {
    int s = d - (nl - ns);
    size_t size = s < 0 ? 1 : small[s];
    step[d] = size == 1 && large[d] != 1 ? 0 : run;
    run *= size;
  }
}

int ms_broadcast_shape(const char *who, int inputs, ms_tensor *const *input, int *ndim,
                       size_t *dim)
{
  *ndim = 0;
  for (int i = 0; i < inputs; i++) {
    const ms_tensor *t = input[i];
    char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
    size_t before[MS_MAX_DIMS];
    const int n = *ndim;
    memcpy(before, dim, (size_t)n * sizeof *dim);
    if (ms_shape_broadcast(n, before, t->ndim, t->dim, ndim, dim) != 0)
      return ms_fail("%s: the shapes %s and %s do not fit together", who,
                     ms_shape_text(n, before, a), ms_shape_text(t->ndim, t->dim, b));
  }
  return 0;
}

/* Whether a step along the last dimension there is, is in every input all steps of the next. */
static int continues(const ms_broadcast *b, size_t size, size_t step[][MS_MAX_DIMS], int d)
{
  for (int i = 0; i < b->inputs; i++)
    if (b->in[i].step[b->ndim - 1] != step[i][d] * size) return 0;
  return 1;
}

/* Dimension d of y: more of the last one there is, or a new one. */
static void append(ms_broadcast *b, size_t size, size_t step[][MS_MAX_DIMS], int d)
{
  if (b->ndim && continues(b, size, step, d)) b->dim[b->ndim - 1] *= size;
  else b->dim[b->ndim++] = size;
  for (int i = 0; i < b->inputs; i++) b->in[i].step[b->ndim - 1] = step[i][d];
}

void ms_broadcast_of(int inputs, ms_tensor *const *input, const ms_tensor *y, ms_broadcast *b)
{
  size_t step[MS_BROADCAST_INPUTS][MS_MAX_DIMS] = { { 0 } };
  *b = (ms_broadcast){ .inputs = inputs, .count = y->count };
  for (int i = 0; i < inputs; i++) {
    const ms_tensor *t = input[i];
    b->in[i].data = t->data;
    b->in[i].dense = t->count == y->count;
    b->in[i].number = t->count == 1 && !b->in[i].dense;
    strides(t->ndim, t->dim, y->ndim, y->dim, step[i]);
  }
  for (int d = 0; d < y->ndim; d++)
    if (y->dim[d] != 1) append(b, y->dim[d], step, d);
  if (b->ndim == 0) b->dim[b->ndim++] = 1;
  for (int i = 0; i < inputs; i++)
    b->in[i].repeats = input[i]->count == b->dim[b->ndim - 1] && b->in[i].step[b->ndim - 1] == 1;
}

/* Moves on to the next run of the large shape: every dimension but the last counts. */
static size_t advance(int ndim, const size_t *dim, const size_t *step, size_t *at, size_t offset)
{
  for (int d = ndim - 2; d >= 0; d--) {
    offset += step[d];
    if (++at[d] < dim[d]) return offset;
    offset -= step[d] * dim[d];
    at[d] = 0;
  }
  return offset;
}

ms_tensor *ms_stretch(ms_tensor *t, int ndim, const size_t *dim)
{
  size_t count;
  if (ms_shape_same(t->ndim, t->dim, ndim, dim)) return ms_tensor_ref(t);
  if (ms_shape_count(ndim, dim, &count) != 0) return NULL;
  if (count == t->count) return ms_tensor_view(t, ndim, dim);
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (!y || !y->count) return y;
  size_t step[MS_MAX_DIMS] = { 0 }, at[MS_MAX_DIMS] = { 0 }, from = 0, width = dim[ndim - 1];
  strides(t->ndim, t->dim, ndim, dim, step);
  for (size_t i = 0; i < y->count; i += width) {
    if (step[ndim - 1]) memcpy(y->data + i, t->data + from, width * sizeof(real));
    else
      for (size_t k = 0; k < width; k++) y->data[i + k] = t->data[from];
    from = advance(ndim, dim, step, at, from);
  }
  return y;
}

/* Sums one dimension to size 1, keeping it; takes t over. */
static ms_tensor *fold_one(ms_tensor *t, int axis)
{
  size_t outer = 1, inner = 1, dim[MS_MAX_DIMS];
  memcpy(dim, t->dim, sizeof dim);
  for (int d = 0; d < axis; d++) outer *= dim[d];
  for (int d = axis + 1; d < t->ndim; d++) inner *= dim[d];
  size_t n = dim[axis];
  dim[axis] = 1;
  ms_tensor *y = ms_tensor_new(t->ndim, dim);
  if (y) ms_k_reductions()->sum_along(t->data, y->data, outer, n, inner);
  ms_tensor_free(t);
  return y;
}

ms_tensor *ms_fold(ms_tensor *t, int ndim, const size_t *dim)
{
  if (ms_shape_same(t->ndim, t->dim, ndim, dim)) return ms_tensor_ref(t);
  if (t->count == 0) return ms_tensor_zeros(ndim, dim);
  ms_tensor *y = ms_tensor_ref(t);
  for (int d = 0; y && d < t->ndim; d++) {
    int s = d - (t->ndim - ndim);
    size_t size = s < 0 ? 1 : dim[s];
    if (size == 1 && t->dim[d] != 1) y = fold_one(y, d);
  }
  ms_tensor *v = y ? ms_tensor_view(y, ndim, dim) : NULL;
  ms_tensor_free(y);
  return v;
}
