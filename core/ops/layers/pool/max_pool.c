/* Max pooling of sequences and images. Windows side by side, of images, have kernels of their own,
   which keep places as bytes. */
#include "../../../kernels/windows/pooling.h"
#include "pool.h"

typedef struct max_pool2d {
  size_t ph, pw; /* pw 0: as ph */
  size_t stride[2], padding[2];
} max_pool2d;

typedef struct max_pool1d {
  size_t size, stride, padding;
} max_pool1d;

static ms_pool_window window_2d(const max_pool2d *a)
{
  return (ms_pool_window){ { a->ph, a->pw ? a->pw : a->ph }, { a->stride[0], a->stride[1] },
                           { a->padding[0], a->padding[1] } };
}

static ms_pool_window window_1d(const max_pool1d *a)
{
  return (ms_pool_window){ { 1, a->size }, { 1, a->stride }, { 0, a->padding } };
}

enum { MOST_BYTES = 256 }; /* places that a byte tells apart */

/* Windows side by side. */
static int are_apart(const ms_window_shape *s)
{
  return s->y.kernel == s->y.stride && s->x.kernel == s->x.stride && !s->y.pad && !s->x.pad &&
         s->y.kernel * s->x.kernel <= MOST_BYTES && s->y.size > 1;
}

static ms_pool_shape apart(const ms_window_shape *s)
{
  return (ms_pool_shape){ s->n, s->y.size, s->x.size, s->channels, s->y.kernel, s->x.kernel };
}

static int back(const ms_node *n, const ms_window_shape *s, const ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const real *place = ms_node_saved(n, 0)->data;
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  const ms_pool_shape side = apart(s);
  if (are_apart(s))
    ms_k_pooling()->max_back(&side, gy->data, (const unsigned char *)place, gx[0]->data);
  else
    ms_k_window_pooling()->max_back(s, gy->data, place, gx[0]->data);
  return 0;
}

/* Room for the places, which only backward needs; in a tensor because the graph keeps tensors. */
static ms_tensor *room_for_places(const ms_window_shape *s, const ms_tensor *y)
{
  const size_t room = are_apart(s) ? y->count / sizeof(real) + 1 : y->count;
  return ms_tensor_new(1, &room);
}

static ms_tensor *forward(const ms_call *c, int axes, const ms_window_shape *s)
{
  const real *x = c->input[0]->data;
  ms_tensor *y = ms_pooled(axes, s), *places = NULL;
  if (!y) return NULL;
  if (ms_recording(1, c->input) && !(places = room_for_places(s, y)))
    return ms_tensor_free(y), NULL;
  real *to = places ? places->data : NULL;
  const ms_pool_shape side = apart(s);
  if (are_apart(s)) ms_k_pooling()->max_forward(&side, x, y->data, (unsigned char *)to);
  else ms_k_window_pooling()->max_forward(s, x, y->data, to);
  y = ms_record(c, y, 1, &places);
  ms_tensor_free(places);
  return y;
}

static int backward_2d(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_window_shape s;
  const ms_pool_window w = window_2d(ms_node_attributes(n));
  ms_pool_fill(2, ms_node_input_dim(n, 0, &ndim), &w, &s);
  return back(n, &s, gy, gx);
}

static ms_tensor *forward_2d(const ms_call *c)
{
  ms_window_shape s;
  const ms_pool_window w = window_2d(c->attributes);
  if (ms_pool_sizes("max_pool2d", 2, c->input[0], &w, &s) != 0) return NULL;
  return forward(c, 2, &s);
}

/** x:max_pool2d([ph = 2], [pw = ph], [{stride =, padding = 0}]) -> the largest number of every
    window of images (batch, time, frequency, channel), as PyTorch's max_pool2d. Without a stride
    windows lie side by side. padding: rows and columns around x that no window takes from. */
static const ms_op max_pool2d_op = {
  .name = "max_pool2d", .forward = forward_2d, .backward = backward_2d,
  .attributes = MS_ATTRIBUTES(max_pool2d),
  .takes = { MS_TENSOR(x), MS_COUNT(max_pool2d, ph, 2), MS_COUNT(max_pool2d, pw, 0),
             MS_NAMED_PAIR(max_pool2d, stride, 0), MS_NAMED_PAIR0(max_pool2d, padding, 0) },
};
MS_OPERATOR(max_pool2d_op)

static int backward_1d(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_window_shape s;
  const ms_pool_window w = window_1d(ms_node_attributes(n));
  ms_pool_fill(1, ms_node_input_dim(n, 0, &ndim), &w, &s);
  return back(n, &s, gy, gx);
}

static ms_tensor *forward_1d(const ms_call *c)
{
  ms_window_shape s;
  const ms_pool_window w = window_1d(c->attributes);
  if (ms_pool_sizes("max_pool1d", 1, c->input[0], &w, &s) != 0) return NULL;
  return forward(c, 1, &s);
}

/** x:max_pool1d([size = 2], [{stride = size, padding = 0}]) -> the largest number of every window
    of sequences (batch, time, channel), as PyTorch's max_pool1d */
static const ms_op max_pool1d_op = {
  .name = "max_pool1d", .forward = forward_1d, .backward = backward_1d,
  .attributes = MS_ATTRIBUTES(max_pool1d),
  .takes = { MS_TENSOR(x), MS_COUNT(max_pool1d, size, 2), MS_NAMED_COUNT(max_pool1d, stride, 0),
             MS_ARG(COUNT, size_t, max_pool1d, padding, .named = 1) },
};
MS_OPERATOR(max_pool1d_op)

/* ---- sequences or images ------------------------------------------------------------------- */
static int backward_any(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_window_shape s;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  ms_any_pool_fill(ndim, dim, ms_node_attributes(n), &s);
  return back(n, &s, gy, gx);
}

static ms_tensor *forward_any(const ms_call *c)
{
  ms_window_shape s;
  if (ms_any_pool_sizes("max_pool", c->input[0], c->attributes, &s) != 0) return NULL;
  return forward(c, c->input[0]->ndim - 2, &s);
}

/** x:max_pool{kernel = 2, stride = kernel, padding = 0} -> the largest number of every window of
    sequences (batch, time, channel) or images (batch, time, frequency, channel); numbers or, for
    images, {rows, columns}. As max_pool1d and max_pool2d. */
static const ms_op max_pool_op = {
  .name = "max_pool", .forward = forward_any, .backward = backward_any,
  .attributes = MS_ATTRIBUTES(ms_any_pool),
  .takes = { MS_TENSOR(x), MS_NAMED_PAIR(ms_any_pool, kernel, 2),
             MS_NAMED_PAIR(ms_any_pool, stride, 0), MS_NAMED_PAIR0(ms_any_pool, padding, 0) },
};
MS_OPERATOR(max_pool_op)
