/* Dimensions in another order: permute, transpose, t. */
#include "../../base/error.h"
#include "../ops.h"
#include "strides.h"

/* x with dimension d of the result being x's from[d]: a view where only dimensions of size 1 change
   places with others. */
static ms_tensor *reordered(ms_tensor *x, const int *from)
{
  ptrdiff_t stride[MS_MAX_DIMS];
  ms_strided s = { .ndim = x->ndim };
  int stays = 1;
  ms_strides(x->ndim, x->dim, stride);
  for (int d = 0; d < x->ndim; d++) {
    s.dim[d] = x->dim[from[d]];
    s.from[d] = stride[from[d]];
  }
  ms_strides(s.ndim, s.dim, s.to);
  for (int d = 0; d < x->ndim; d++) stays &= s.dim[d] == 1 || s.from[d] == s.to[d];
  if (stays || !x->count) return ms_tensor_view(x, s.ndim, s.dim);
  ms_tensor *y = ms_tensor_new(s.ndim, s.dim);
  if (y) ms_strided_copy(&s, x->data, y->data);
  if (y) y->mask = x->mask;
  return y;
}

/* ---- permute -------------------------------------------------------------------------------- */
typedef struct order {
  ms_sizes order; /* y's dimension d is x's order[d], from 1 or from the end */
} order;

/* The order from 0; 0, or -1 where it does not name every dimension once. */
static int read_order(const ms_sizes *s, int ndim, int *from)
{
  uint32_t seen = 0;
  if (s->count != ndim) return -1;
  for (int d = 0; d < ndim; d++) {
    const ptrdiff_t at = s->size[d] < 0 ? ndim + s->size[d] : s->size[d] - 1;
    if (at < 0 || at >= ndim || ms_axes_has(seen, (int)at)) return -1;
    seen |= (uint32_t)1 << at;
    from[d] = (int)at;
  }
  return 0;
}

static int permute_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const order *a = ms_node_attributes(n);
  int from[MS_MAX_DIMS], back[MS_MAX_DIMS];
  read_order(&a->order, gy->ndim, from);
  for (int d = 0; d < gy->ndim; d++) back[from[d]] = d;
  gx[0] = reordered(gy, back);
  return gx[0] ? 0 : -1;
}

static ms_tensor *permuted(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  const order *a = c->attributes;
  int from[MS_MAX_DIMS];
  if (read_order(&a->order, x->ndim, from) != 0)
    return ms_fail("permute: the order must name each of the %d dimensions once", x->ndim), NULL;
  return ms_record(c, reordered(x, from), 0, NULL);
}

/** x:permute{1, 3, 2} -> the dimensions in another order: a copy, but where only dimensions of size
    1 move, which share x's storage */
static const ms_op permute_op = {
  .name = "permute", .forward = permuted, .backward = permute_backward,
  .attributes = MS_ATTRIBUTES(order), .takes = { MS_TENSOR(x), MS_THE_SIZES(order, order) },
};
MS_OPERATOR(permute_op)

/* ---- transpose, t --------------------------------------------------------------------------- */
typedef struct transpose {
  int first, second;
} transpose;

static ms_tensor *swapped(ms_tensor *x, int first, int second)
{
  int from[MS_MAX_DIMS];
  for (int d = 0; d < x->ndim; d++) from[d] = d == first ? second : d == second ? first : d;
  return reordered(x, from);
}

static int transpose_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const transpose *a = ms_node_attributes(n);
  gx[0] = swapped(gy, a->first, a->second);
  return gx[0] ? 0 : -1;
}

static ms_tensor *transposed(const ms_call *c)
{
  const transpose *a = c->attributes;
  return ms_record(c, swapped(c->input[0], a->first, a->second), 0, NULL);
}

/** x:transpose(first, second) -> x with two dimensions exchanged */
static const ms_op transpose_op = {
  .name = "transpose", .forward = transposed, .backward = transpose_backward,
  .attributes = MS_ATTRIBUTES(transpose),
  .takes = { MS_TENSOR(x), MS_THE_AXIS(transpose, first), MS_THE_AXIS(transpose, second) },
};
MS_OPERATOR(transpose_op)

static int t_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  (void)n;
  gx[0] = swapped(gy, 0, gy->ndim - 1);
  return gx[0] ? 0 : -1;
}

static ms_tensor *matrix_transposed(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  if (x->ndim > 2)
    return ms_fail("t: a matrix is expected, got %d dimensions; x:transpose(first, second) "
                   "exchanges two of them", x->ndim), NULL;
  return ms_record(c, swapped(x, 0, x->ndim - 1), 0, NULL);
}

/** x:t() -> the transpose of a matrix; lists and numbers stay as they are */
static const ms_op t_op = {
  .name = "t", .forward = matrix_transposed, .backward = t_backward, .takes = { MS_TENSOR(x) },
};
MS_OPERATOR(t_op)
