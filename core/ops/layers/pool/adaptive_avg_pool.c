/* Average pooling to a given number of places. */
#include "../../../base/error.h"
#include "pool.h"

typedef struct adaptive {
  ms_sizes sizes;
} adaptive;

static void fill(const size_t *dim, const ms_sizes *out, ms_window_shape *s)
{
  const int axes = out->count;
  *s = (ms_window_shape){ .n = dim[0], .channels = dim[axes + 1] };
  s->y = (ms_pool_axis){ .size = 1, .out = 1 };
  s->x = (ms_pool_axis){ .size = dim[axes], .out = (size_t)out->size[axes - 1] };
  if (axes == 2) s->y = (ms_pool_axis){ .size = dim[1], .out = (size_t)out->size[0] };
}

static int check(const ms_tensor *x, const ms_sizes *out)
{
  char text[MS_SHAPE_TEXT];
  ms_shape_text(x->ndim, x->dim, text);
  if (out->count < 1 || out->count > 2)
    return ms_fail("adaptive_avg_pool: one size (of sequences) or two (of images), got %d",
                   out->count);
  if (ms_pool_check("adaptive_avg_pool", out->count, x) != 0) return -1;
  for (int d = 0; d < out->count; d++)
    if (out->size[d] < 1)
      return ms_fail("adaptive_avg_pool: sizes must be 1 or more, got %td", out->size[d]);
  for (int d = 1; d <= out->count; d++)
    if (!x->dim[d]) return ms_fail("adaptive_avg_pool: nothing to pool (x %s)", text);
  return 0;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const adaptive *a = ms_node_attributes(n);
  ms_window_shape s;
  fill(dim, &a->sizes, &s);
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  ms_k_window_pooling()->mean_back(&s, gy->data, gx[0]->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const adaptive *a = c->attributes;
  ms_window_shape s;
  if (check(c->input[0], &a->sizes) != 0) return NULL;
  fill(c->input[0]->dim, &a->sizes, &s);
  ms_tensor *y = ms_pooled(a->sizes.count, &s);
  if (!y) return ms_fail_within("adaptive_avg_pool"), NULL;
  ms_k_window_pooling()->mean_forward(&s, c->input[0]->data, y->data);
  return ms_record(c, y, 0, NULL);
}

/** x:adaptive_avg_pool(sizes) -> sequences (batch, time, channel) at one size or images (batch,
    time, frequency, channel) at two, x:adaptive_avg_pool(4, 1): place i is the mean from
    floor((i - 1) size / out) + 1 to ceil(i size / out), as PyTorch's adaptive_avg_pool1d and 2d */
static const ms_op adaptive_avg_pool_op = {
  .name = "adaptive_avg_pool", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(adaptive), .takes = { MS_TENSOR(x), MS_THE_SIZES(adaptive, sizes) },
};
MS_OPERATOR(adaptive_avg_pool_op)
