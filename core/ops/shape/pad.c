/* Numbers around a tensor: constant ones, or its own reflected, repeated or taken from the other
   end. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../../kernels/strided.h"
#include "../fill.h"
#include "../ops.h"
#include "strides.h"

enum { CONSTANT, REFLECT, REPLICATE, CIRCULAR };
static const char *const modes[] = { "constant", "reflect", "replicate", "circular", NULL };

typedef struct pad {
  ms_sizes pairs; /* before and behind the last dimension, then the one before it, and so on */
  int mode;
  double value;
} pad;

static ptrdiff_t before(const pad *a, int ndim, int d)
{
  const int i = 2 * (ndim - 1 - d);
  return i < a->pairs.count ? a->pairs.size[i] : 0;
}

static ptrdiff_t behind(const pad *a, int ndim, int d)
{
  const int i = 2 * (ndim - 1 - d) + 1;
  return i < a->pairs.count ? a->pairs.size[i] : 0;
}

/* ---- constant: a block of x lies in y ------------------------------------------------------- */
/* The block that both have, its layout in x and y, and where it begins in either. */
static ms_strided common(int ndim, const size_t *x, const size_t *y, const pad *a, size_t *at_x,
                         size_t *at_y)
{
  ms_strided s = { .ndim = ndim };
  ms_strides(ndim, x, s.from);
  ms_strides(ndim, y, s.to);
  *at_x = *at_y = 0;
  for (int d = 0; d < ndim; d++) {
    const ptrdiff_t left = before(a, ndim, d), right = behind(a, ndim, d);
    const size_t cut = (size_t)(left < 0 ? -left : 0) + (size_t)(right < 0 ? -right : 0);
    s.dim[d] = cut < x[d] ? x[d] - cut : 0;
    *at_x += (size_t)(left < 0 ? -left : 0) * (size_t)s.from[d];
    *at_y += (size_t)(left > 0 ? left : 0) * (size_t)s.to[d];
  }
  return s;
}

static ms_tensor *with_constant(const ms_tensor *x, const size_t *dim, const pad *a)
{
  size_t at_x, at_y;
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (!y || !y->count) return y;
  const ms_strided s = common(x->ndim, x->dim, dim, a, &at_x, &at_y);
  ms_fill_constant(y, a->value);
  ms_strided_copy(&s, x->data + at_x, y->data + at_y);
  return y;
}

static ms_tensor *constant_backward(const ms_tensor *gy, int ndim, const size_t *dim, const pad *a)
{
  size_t at_x, at_y;
  ms_strided s = common(ndim, dim, gy->dim, a, &at_x, &at_y), back = s;
  ms_tensor *gx = ms_tensor_zeros(ndim, dim);
  if (!gx || !gy->count) return gx;
  memcpy(back.from, s.to, sizeof back.from);
  memcpy(back.to, s.from, sizeof back.to);
  ms_strided_copy(&back, gy->data + at_y, gx->data + at_x);
  return gx;
}

/* ---- x's own numbers, along one dimension of (outer, n, inner) ------------------------------ */
typedef struct along {
  const real *from;
  real *to;
  size_t outer, n, inner, left, right, step, groups;
  int mode;
} along;

enum { PIECE = 1 << 14, GROUP = 1 << 12 };

/* The position of x that position i of y shows. */
static size_t shown(const along *j, size_t i)
{
  const ptrdiff_t k = (ptrdiff_t)i - (ptrdiff_t)j->left, n = (ptrdiff_t)j->n;
  if (k >= 0 && k < n) return (size_t)k;
  if (j->mode == REPLICATE) return k < 0 ? 0 : j->n - 1;
  if (j->mode == CIRCULAR) return (size_t)(k < 0 ? k + n : k - n);
  return (size_t)(k < 0 ? -k : 2 * (n - 1) - k);
}

typedef void part_work(const along *j, size_t o, size_t first, size_t width);

static void show_part(const along *j, size_t o, size_t first, size_t width)
{
  const size_t all = j->left + j->n + j->right;
  const real *x = j->from + o * j->n * j->inner + first;
  real *y = j->to + o * all * j->inner + first;
  const int whole = width == j->inner;
  if (whole) memcpy(y + j->left * j->inner, x, j->n * j->inner * sizeof(real));
  for (size_t i = 0; i < all; i++) {
    if (whole && i == j->left) i += j->n;
    if (i < all && width == 1) y[i * j->inner] = x[shown(j, i) * j->inner];
    else if (i < all)
      ms_k_strided()->row(x + shown(j, i) * j->inner, 1, y + i * j->inner, 1, width);
  }
}

static void add_part(const along *j, size_t o, size_t first, size_t width)
{
  const size_t all = j->left + j->n + j->right;
  const real *gy = j->from + o * all * j->inner + first;
  real *gx = j->to + o * j->n * j->inner + first;
  const int whole = width == j->inner;
  if (whole) memcpy(gx, gy + j->left * j->inner, j->n * j->inner * sizeof(real));
  else
    for (size_t i = 0; i < j->n; i++)
      memcpy(gx + i * j->inner, gy + (j->left + i) * j->inner, width * sizeof(real));
  for (size_t i = 0; i < all; i++) {
    if (i == j->left) i += j->n;
    if (i < all && width == 1) gx[shown(j, i) * j->inner] += gy[i * j->inner];
    else if (i < all)
      ms_k_strided()->add(gy + i * j->inner, gx + shown(j, i) * j->inner, 1, width);
  }
}

static void chunk_of(const along *j, size_t chunk, part_work *work)
{
  const size_t end = (chunk + 1) * j->step, most = j->outer * j->groups;
  for (size_t i = chunk * j->step; i < end && i < most; i++) {
    const size_t first = i % j->groups * GROUP;
    work(j, i / j->groups, first, j->inner - first < GROUP ? j->inner - first : GROUP);
  }
}

static void show_some(void *arg, size_t chunk)
{
  chunk_of(arg, chunk, show_part);
}

static void add_some(void *arg, size_t chunk)
{
  chunk_of(arg, chunk, add_part);
}

/* From x to y of left + n + right positions, or from gy to gx, of n. */
static void pad_along(along j, void (*work)(void *, size_t))
{
  const size_t all = j.left + j.n + j.right;
  j.groups = (j.inner + GROUP - 1) / GROUP;
  j.step = PIECE / (all * (j.inner < GROUP ? j.inner : GROUP)) + 1;
  ms_parallel((j.outer * j.groups + j.step - 1) / j.step, work, &j);
}

/* Pads dimension d of t, or takes that back where `back`; takes t over. */
static ms_tensor *one_dimension(ms_tensor *t, int d, const pad *a, int ndim, int back)
{
  size_t dim[MS_MAX_DIMS];
  along j = { .outer = 1, .inner = 1, .mode = a->mode, .left = (size_t)before(a, ndim, d),
              .right = (size_t)behind(a, ndim, d) };
  memcpy(dim, t->dim, sizeof dim);
  for (int i = 0; i < d; i++) j.outer *= dim[i];
  for (int i = d + 1; i < ndim; i++) j.inner *= dim[i];
  if (back) dim[d] -= j.left + j.right;
  j.n = dim[d];
  if (!back) dim[d] += j.left + j.right;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (y) j.from = t->data, j.to = y->data;
  if (y && y->count) pad_along(j, back ? add_some : show_some);
  ms_tensor_free(t);
  return y;
}

static ms_tensor *with_own(ms_tensor *x, const pad *a, int back)
{
  ms_tensor *y = ms_tensor_ref(x);
  for (int d = 0; y && d < x->ndim; d++)
    if (before(a, x->ndim, d) || behind(a, x->ndim, d)) y = one_dimension(y, d, a, x->ndim, back);
  return y;
}

/* ---- the operator --------------------------------------------------------------------------- */
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const pad *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = a->mode == CONSTANT ? constant_backward(gy, ndim, dim, a) : with_own(gy, a, 1);
  return gx[0] ? 0 : -1;
}

/* Whether x has enough numbers to show on one side. */
static int check_side(const pad *a, size_t size, ptrdiff_t wanted, int d)
{
  const size_t most = a->mode == REFLECT ? size - 1 : a->mode == CIRCULAR ? size : (size_t)1 << 44;
  if (a->mode == CONSTANT || !wanted) return 0;
  if (wanted > 0 && size && (size_t)wanted <= most) return 0;
  return ms_fail("pad: %s takes 0 to %zu positions on a side of dimension %d, got %td",
                 modes[a->mode], size ? most : 0, d + 1, wanted);
}

/* The sizes of y. 0, or -1 and a message. */
static int sizes_of(const ms_tensor *x, const pad *a, size_t *dim)
{
  if (a->pairs.count % 2 || a->pairs.count / 2 > x->ndim)
    return ms_fail("pad: two numbers for each dimension are expected, from the last one on, for at "
                   "most %d dimensions, got %d numbers", x->ndim, a->pairs.count);
  for (int d = 0; d < x->ndim; d++) {
    const ptrdiff_t left = before(a, x->ndim, d), right = behind(a, x->ndim, d);
    const ptrdiff_t most = (ptrdiff_t)1 << 44;
    if (left > most || right > most || left < -most || right < -most)
      return ms_fail("pad: dimension %d becomes too large", d + 1);
    const ptrdiff_t size = (ptrdiff_t)x->dim[d] + left + right;
    if (size < 0 || (left < 0 && -left > (ptrdiff_t)x->dim[d]) ||
        (right < 0 && -right > (ptrdiff_t)x->dim[d]))
      return ms_fail("pad: dimension %d has only %zu positions to take away", d + 1, x->dim[d]);
    if (check_side(a, x->dim[d], left, d) != 0 || check_side(a, x->dim[d], right, d) != 0)
      return -1;
    dim[d] = (size_t)size;
  }
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  const pad *a = c->attributes;
  size_t dim[MS_MAX_DIMS], count;
  if (sizes_of(x, a, dim) != 0 || ms_shape_count(x->ndim, dim, &count) != 0) return NULL;
  if (a->mode == CONSTANT) return ms_record(c, with_constant(x, dim, a), 0, NULL);
  if (ms_shape_same(x->ndim, dim, x->ndim, x->dim))
    return ms_record(c, ms_tensor_copy(x), 0, NULL);
  return ms_record(c, with_own(x, a, 0), 0, NULL);
}

/** x:pad({left, right, top, bottom, ...}, [{ mode = "constant", value = 0 }]) -> x with so many
    positions more before and behind its last dimension, then the one before that, and so on, as
    PyTorch's pad. mode: "constant" (numbers below 0 take positions away), "reflect" (without the
    edge itself), "replicate", "circular" */
static const ms_op pad_op = {
  .name = "pad", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(pad),
  .takes = { MS_TENSOR(x), MS_THE_SIZES(pad, pairs), MS_NAMED_CHOICE(pad, mode, modes, CONSTANT),
             MS_NAMED_NUMBER(pad, value, 0) },
};
MS_OPERATOR(pad_op)
