/* Average pooling of sequences and images. */
#include "../../../kernels/windows/pooling.h"
#include "pool.h"

typedef struct avg_pool2d {
  size_t ph, pw; /* pw 0: as ph */
  size_t stride[2], padding[2];
  int count_include_pad;
} avg_pool2d;

typedef struct avg_pool1d {
  size_t size, stride, padding;
  int count_include_pad;
} avg_pool1d;

/* Windows side by side, of images, have kernels of their own. */
static int are_apart(const ms_window_shape *s)
{
  return s->y.kernel && s->y.kernel == s->y.stride && s->x.kernel == s->x.stride && !s->y.pad &&
         !s->x.pad && s->y.size > 1;
}

static ms_pool_shape apart(const ms_window_shape *s)
{
  return (ms_pool_shape){ s->n, s->y.size, s->x.size, s->channels, s->y.kernel, s->x.kernel };
}

static int back(const ms_node *n, const ms_window_shape *s, const ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  const ms_pool_shape side = apart(s);
  if (are_apart(s)) ms_k_pooling()->mean_back(&side, gy->data, gx[0]->data);
  else ms_k_window_pooling()->mean_back(s, gy->data, gx[0]->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c, int axes, const ms_window_shape *s)
{
  ms_tensor *y = ms_pooled(axes, s);
  const ms_pool_shape side = apart(s);
  if (y && are_apart(s)) ms_k_pooling()->mean_forward(&side, c->input[0]->data, y->data);
  else if (y) ms_k_window_pooling()->mean_forward(s, c->input[0]->data, y->data);
  return ms_record(c, y, 0, NULL);
}

static ms_pool_window window_2d(const avg_pool2d *a)
{
  return (ms_pool_window){ { a->ph, a->pw ? a->pw : a->ph }, { a->stride[0], a->stride[1] },
                           { a->padding[0], a->padding[1] } };
}

static ms_pool_window window_1d(const avg_pool1d *a)
{
  return (ms_pool_window){ { 1, a->size }, { 1, a->stride }, { 0, a->padding } };
}

static int backward_2d(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_window_shape s;
  const avg_pool2d *a = ms_node_attributes(n);
  const ms_pool_window w = window_2d(a);
  ms_pool_fill(2, ms_node_input_dim(n, 0, &ndim), &w, &s);
  s.border = a->count_include_pad;
  return back(n, &s, gy, gx);
}

static ms_tensor *forward_2d(const ms_call *c)
{
  ms_window_shape s;
  const avg_pool2d *a = c->attributes;
  const ms_pool_window w = window_2d(a);
  if (ms_pool_sizes("avg_pool2d", 2, c->input[0], &w, &s) != 0) return NULL;
  s.border = a->count_include_pad;
  return forward(c, 2, &s);
}

/** x:avg_pool2d([ph = 2], [pw = ph], [{stride =, padding = 0, count_include_pad = true}]) -> the
    mean of every window of images (batch, time, frequency, channel), as PyTorch's avg_pool2d.
    Without a stride windows lie side by side. padding: zeros around x, which the mean counts unless
    count_include_pad is false. */
static const ms_op avg_pool2d_op = {
  .name = "avg_pool2d", .forward = forward_2d, .backward = backward_2d,
  .attributes = MS_ATTRIBUTES(avg_pool2d),
  .takes = { MS_TENSOR(x), MS_COUNT(avg_pool2d, ph, 2), MS_COUNT(avg_pool2d, pw, 0),
             MS_NAMED_PAIR(avg_pool2d, stride, 0), MS_NAMED_PAIR0(avg_pool2d, padding, 0),
             MS_NAMED_FLAG(avg_pool2d, count_include_pad, 1) },
};
MS_OPERATOR(avg_pool2d_op)

static int backward_1d(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_window_shape s;
  const avg_pool1d *a = ms_node_attributes(n);
  const ms_pool_window w = window_1d(a);
  ms_pool_fill(1, ms_node_input_dim(n, 0, &ndim), &w, &s);
  s.border = a->count_include_pad;
  return back(n, &s, gy, gx);
}

static ms_tensor *forward_1d(const ms_call *c)
{
  ms_window_shape s;
  const avg_pool1d *a = c->attributes;
  const ms_pool_window w = window_1d(a);
  if (ms_pool_sizes("avg_pool1d", 1, c->input[0], &w, &s) != 0) return NULL;
  s.border = a->count_include_pad;
  return forward(c, 1, &s);
}

/** x:avg_pool1d([size = 2], [{stride = size, padding = 0, count_include_pad = true}]) -> the mean
    of every window of sequences (batch, time, channel), as PyTorch's avg_pool1d; the mean counts
    the zeros of the padding unless count_include_pad is false */
static const ms_op avg_pool1d_op = {
  .name = "avg_pool1d", .forward = forward_1d, .backward = backward_1d,
  .attributes = MS_ATTRIBUTES(avg_pool1d),
  .takes = { MS_TENSOR(x), MS_COUNT(avg_pool1d, size, 2), MS_NAMED_COUNT(avg_pool1d, stride, 0),
             MS_ARG(COUNT, size_t, avg_pool1d, padding, .named = 1),
             MS_NAMED_FLAG(avg_pool1d, count_include_pad, 1) },
};
MS_OPERATOR(avg_pool1d_op)

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
  if (ms_any_pool_sizes("avg_pool", c->input[0], c->attributes, &s) != 0) return NULL;
  return forward(c, c->input[0]->ndim - 2, &s);
}

/** x:avg_pool{kernel = 2, stride = kernel, padding = 0, count_include_pad = true} -> the mean of
    every window of sequences (batch, time, channel) or images (batch, time, frequency, channel);
    numbers or, for images, {rows, columns}. As avg_pool1d and avg_pool2d. */
static const ms_op avg_pool_op = {
  .name = "avg_pool", .forward = forward_any, .backward = backward_any,
  .attributes = MS_ATTRIBUTES(ms_any_pool),
  .takes = { MS_TENSOR(x), MS_NAMED_PAIR(ms_any_pool, kernel, 2),
             MS_NAMED_PAIR(ms_any_pool, stride, 0), MS_NAMED_PAIR0(ms_any_pool, padding, 0),
             MS_NAMED_FLAG(ms_any_pool, count_include_pad, 1) },
};
MS_OPERATOR(avg_pool_op)
