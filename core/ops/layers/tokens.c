/* attention: the operator that combines tokens. */
#include "../../base/error.h"
#include "../../kernels/attention.h"
#include "../ops.h"

typedef struct attention {
  size_t heads;
} attention;

static ms_attention_shape shape_of(const ms_tensor *qkv, size_t heads)
{
  return (ms_attention_shape){ qkv->dim[0], qkv->dim[1], qkv->dim[2] / 3, heads };
}

static int attention_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *qkv = ms_node_saved(node, 0), *y = ms_node_saved(node, 1),
      *stats = ms_node_saved(node, 2);
  const attention *a = ms_node_attributes(node);
  const ms_attention_shape s = shape_of(qkv, a->heads);
  if (!(gx[0] = ms_tensor_like(qkv))) return -1;
  return ms_k_attention()->back(&s, qkv->data, y->data, stats->data, gy->data, gx[0]->data);
}

static ms_tensor *attend(const ms_call *c)
{
  ms_tensor *qkv = c->input[0];
  const size_t heads = ((const attention *)c->attributes)->heads;
  char text[MS_SHAPE_TEXT];
  if (qkv->ndim != 3)
    return ms_fail("attention: x must be batch x token x 3 dim (queries, keys, values), got %s",
                   ms_shape_text(qkv->ndim, qkv->dim, text)), NULL;
  if (heads < 1 || heads > qkv->dim[2] || qkv->dim[2] % (3 * heads))
    return ms_fail("attention: %zu numbers to a token do not divide into 3 times %zu heads",
                   qkv->dim[2], heads), NULL;
  const ms_attention_shape s = shape_of(qkv, heads);
  const size_t stats_dim[] = { s.batch, heads, 2, s.tokens };
  ms_tensor *stats = ms_tensor_new(4, stats_dim);
  ms_tensor *y = stats ? ms_tensor_new(3, (size_t[]){ s.batch, s.tokens, s.dim }) : NULL;
  if (y && ms_k_attention()->forward(&s, qkv->data, y->data, stats->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  y = ms_record(c, y, 3, (ms_tensor *[]){ qkv, y, stats });
  ms_tensor_free(stats);
  return y;
}

/** qkv:attention(heads) -> (batch, token, dim) from queries, keys and values side by side in
    (batch, token, 3 dim), in each of them head after head: softmax(q k' / sqrt(dim / heads)) v of
    every head */
static const ms_op attention_op = {
  .name = "attention", .forward = attend, .backward = attention_backward,
  .attributes = MS_ATTRIBUTES(attention),
  .takes = { MS_TENSOR(qkv), MS_THE_COUNT(attention, heads) },
};
MS_OPERATOR(attention_op)
