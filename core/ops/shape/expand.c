/* Numbers that are repeated: expand, tile. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/reductions.h"
#include "../broadcast.h"
#include "../ops.h"
#include "strides.h"

/* ---- expand --------------------------------------------------------------------------------- */
typedef struct expand {
  ms_sizes sizes;
} expand;

static int expand_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_fold(gy, ndim, dim);
  return gx[0] ? 0 : -1;
}

/* x at a larger shape, by copies. */
static ms_tensor *stretched(ms_tensor *x, int ndim, const size_t *dim)
{
  ptrdiff_t stride[MS_MAX_DIMS];
  ms_strided s = { .ndim = ndim };
  size_t count;
  const int ahead = ndim - x->ndim;
  if (ms_shape_count(ndim, dim, &count) != 0) return NULL;
  if (count == x->count) return ms_tensor_view(x, ndim, dim);
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (!y) return NULL;
  ms_strides(x->ndim, x->dim, stride);
  for (int d = 0; d < ndim; d++) {
    s.dim[d] = dim[d];
    s.from[d] = d < ahead || x->dim[d - ahead] == 1 ? 0 : stride[d - ahead];
  }
  ms_strides(ndim, dim, s.to);
  ms_strided_copy(&s, x->data, y->data);
  return y;
}

/* Size d of the result, or -1 and a message. */
static ptrdiff_t size_at(const ms_tensor *x, const ms_sizes *s, int d)
{
  const int from = d - (s->count - x->ndim);
  const ptrdiff_t own = from < 0 ? -1 : (ptrdiff_t)x->dim[from], wanted = s->size[d];
  if (wanted == -1 && own >= 0) return own;
  if (wanted >= 0 && (own == wanted || own == 1 || own < 0)) return wanted;
  if (own < 0) return ms_fail("expand: a new dimension needs a size, got %td", wanted);
  return ms_fail("expand: dimension %d of size %td does not stretch to %td", from + 1, own, wanted);
}

static ms_tensor *expanded(const ms_call *c)
{
  const expand *a = c->attributes;
  ms_tensor *x = c->input[0];
  size_t dim[MS_MAX_DIMS];
  if (a->sizes.count < x->ndim)
    return ms_fail("expand: %d sizes are given, but the tensor has %d dimensions", a->sizes.count,
                   x->ndim), NULL;
  for (int d = 0; d < a->sizes.count; d++) {
    const ptrdiff_t size = size_at(x, &a->sizes, d);
    if (size < 0) return NULL;
    dim[d] = (size_t)size;
  }
  return ms_record(c, stretched(x, a->sizes.count, dim), 0, NULL);
}

/** x:expand{2, -1} -> x with dimensions of size 1 stretched to the given sizes; -1 keeps a size,
    and new dimensions come first. A copy, unlike PyTorch's, unless the count stays */
static const ms_op expand_op = {
  .name = "expand", .forward = expanded, .backward = expand_backward,
  .attributes = MS_ATTRIBUTES(expand), .takes = { MS_TENSOR(x), MS_THE_SIZES(expand, sizes) },
};
MS_OPERATOR(expand_op)

/* ---- tile ----------------------------------------------------------------------------------- */
typedef struct tile {
  ms_sizes times;
} tile;

/* Sizes of x and times, aligned at the last dimension; how many there are. */
static int align(int nx, const size_t *dim, const ms_sizes *times, size_t *own, size_t *factor)
{
  const int n = nx > times->count ? nx : times->count;
  for (int d = 0; d < n; d++) {
    const int x = d - (n - nx), t = d - (n - times->count);
    own[d] = x < 0 ? 1 : dim[x];
    factor[d] = t < 0 ? 1 : (size_t)times->size[t];
  }
  return n;
}

/* Sums the repetitions of dimension d of g (sizes own and, up to d, already summed). */
static ms_tensor *sum_repeats(ms_tensor *g, int d, size_t factor)
{
  size_t outer = 1, dim[MS_MAX_DIMS];
  memcpy(dim, g->dim, sizeof dim);
  for (int i = 0; i < d; i++) outer *= dim[i];
  dim[d] /= factor;
  ms_tensor *y = ms_tensor_new(g->ndim, dim);
  if (y && y->count)
    ms_k_reductions()->sum_along(g->data, y->data, outer, factor, y->count / outer);
  ms_tensor_free(g);
  return y;
}

static int tile_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const tile *a = ms_node_attributes(n);
  int ndim;
  size_t own[MS_MAX_DIMS], factor[MS_MAX_DIMS];
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const int all = align(ndim, dim, &a->times, own, factor);
  if (!gy->count) return (gx[0] = ms_tensor_zeros(ndim, dim)) ? 0 : -1;
  ms_tensor *g = ms_tensor_ref(gy);
  for (int d = 0; g && d < all; d++)
    if (factor[d] > 1) g = sum_repeats(g, d, factor[d]);
  gx[0] = g ? ms_tensor_view(g, ndim, dim) : NULL;
  ms_tensor_free(g);
  return gx[0] ? 0 : -1;
}

/* Every dimension is two: which repetition, and where in x. */
static void repeat(const ms_tensor *x, int n, const size_t *own, const size_t *factor, ms_tensor *y)
{
  ptrdiff_t from[MS_MAX_DIMS], to[MS_MAX_DIMS];
  ms_strided s = { .ndim = 2 * n };
  ms_strides(n, own, from);
  ms_strides(n, y->dim, to);
  for (int d = 0; d < n; d++) {
    const size_t outer = 2 * (size_t)d, inner = outer + 1;
    s.dim[outer] = factor[d];
    s.dim[inner] = own[d];
    s.from[inner] = from[d];
    s.to[outer] = to[d] * (ptrdiff_t)own[d];
    s.to[inner] = to[d];
  }
  ms_strided_copy(&s, x->data, y->data);
}

static ms_tensor *tiled(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const tile *a = c->attributes;
  size_t own[MS_MAX_DIMS], factor[MS_MAX_DIMS], dim[MS_MAX_DIMS], count;
  for (int d = 0; d < a->times.count; d++)
    if (a->times.size[d] < 0 || a->times.size[d] > (ptrdiff_t)1 << 44)
      return ms_fail("tile: a dimension is repeated 0 or more times, got %td", a->times.size[d]),
             NULL;
  const int n = align(x->ndim, x->dim, &a->times, own, factor);
  if (ms_shape_count(n, own, &count) != 0 || ms_shape_count(n, factor, &count) != 0) return NULL;
  for (int d = 0; d < n; d++)
    if (own[d] && factor[d] > ((size_t)1 << 44) / own[d])
      return ms_fail("tile: dimension %d becomes too large", d + 1), NULL;
    else dim[d] = own[d] * factor[d];
  ms_tensor *y = ms_tensor_new(n, dim);
  if (y) repeat(x, n, own, factor, y);
  return ms_record(c, y, 0, NULL);
}

/** x:tile{2, 3} -> x repeated along its dimensions, aligned at the last one; what x lacks comes
    first */
static const ms_op tile_op = {
  .name = "tile", .forward = tiled, .backward = tile_backward, .attributes = MS_ATTRIBUTES(tile),
  .takes = { MS_TENSOR(x), MS_THE_SIZES(tile, times) },
};
MS_OPERATOR(tile_op)
