/* Pooling over all places. */
#include "../../../base/error.h"
#include "pool.h"

enum { AVG, MAX };
static const char *const modes[] = { "avg", "max", NULL };

typedef struct global_pool {
  int mode;
} global_pool;

/* All places as one row, under one window. */
static ms_window_shape shape_of(int ndim, const size_t *dim)
{
  const size_t places = dim[1] * (ndim == 4 ? dim[2] : 1);
  return (ms_window_shape){ .n = dim[0], .channels = dim[ndim - 1], .y = { 1, 1, 1, 1, 0 },
                            .x = { places, 1, places, places, 0 } };
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const ms_window_shape s = shape_of(ndim, dim);
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  if (((const global_pool *)ms_node_attributes(n))->mode == AVG)
    ms_k_window_pooling()->mean_back(&s, gy->data, gx[0]->data);
  else
    ms_k_window_pooling()->max_back(&s, gy->data, ms_node_saved(n, 0)->data, gx[0]->data);
  return 0;
}

static int check(const ms_tensor *x)
{
  char text[MS_SHAPE_TEXT];
  ms_shape_text(x->ndim, x->dim, text);
  if (x->ndim != 3 && x->ndim != 4)
    return ms_fail("global_pool: x must be batch x time x channel or batch x time x frequency x "
                   "channel, got %s", text);
  if (!x->dim[1] || !x->dim[x->ndim - 2])
    return ms_fail("global_pool: nothing to pool (x %s)", text);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  if (check(x) != 0) return NULL;
  const ms_window_shape s = shape_of(x->ndim, x->dim);
  const int mode = ((const global_pool *)c->attributes)->mode;
  ms_tensor *y = ms_tensor_new(2, (size_t[]){ s.n, s.channels }), *places = NULL;
  if (!y) return NULL;
  if (mode == MAX && ms_recording(1, c->input) && !(places = ms_tensor_like(y)))
    return ms_tensor_free(y), NULL;
  if (mode == AVG) ms_k_window_pooling()->mean_forward(&s, x->data, y->data);
  else ms_k_window_pooling()->max_forward(&s, x->data, y->data, places ? places->data : NULL);
  y = ms_record(c, y, 1, &places);
  ms_tensor_free(places);
  return y;
}

/** x:global_pool([{mode = "avg"}]) -> (batch, channel): the mean, or with mode = "max" the largest
    number, over all places of sequences (batch, time, channel) or images (batch, time, frequency,
    channel) */
static const ms_op global_pool_op = {
  .name = "global_pool", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(global_pool),
  .takes = { MS_TENSOR(x), MS_NAMED_CHOICE(global_pool, mode, modes, AVG) },
};
MS_OPERATOR(global_pool_op)
