/* What tokens do to each other: softmax and attention. */
#include "../../base/error.h"
#include "../../kernels/attention.h"
#include "../../kernels/softmax.h"
#include "../operator.h"
#include "../ops.h"

static int softmax_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *y = ms_node_saved(node, 0);
  if (!(gx[0] = ms_tensor_like(gy))) return -1;
  const size_t n = y->dim[y->ndim - 1];
  if (n) ms_k_softmax()->back(y->data, gy->data, gx[0]->data, y->count / n, n);
  return 0;
}

static const ms_op softmax_op = { .name = "softmax", .backward = softmax_backward };

ms_tensor *ms_softmax(ms_tensor *x)
{
  if (x->ndim < 1) return ms_fail("softmax: x must have a last dimension, got a number"), NULL;
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return NULL;
  const size_t n = x->dim[x->ndim - 1];
  if (n) ms_k_softmax()->forward(x->data, y->data, x->count / n, n);
  return ms_record(y, &softmax_op, 1, &x, 1, &y, NULL);
}

/* ---- attention ---------------------------------------------------------------------------- */
static ms_attention_shape shape_of(const ms_tensor *qkv, size_t heads)
{
  return (ms_attention_shape){ qkv->dim[0], qkv->dim[1], qkv->dim[2] / 3, heads };
}

static int attention_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *qkv = ms_node_saved(node, 0), *y = ms_node_saved(node, 1),
      *facts = ms_node_saved(node, 2);
  const ms_attention_shape s = shape_of(qkv, *(const size_t *)ms_node_args(node));
  if (!(gx[0] = ms_tensor_like(qkv))) return -1;
  return ms_k_attention()->back(&s, qkv->data, y->data, facts->data, gy->data, gx[0]->data);
}

static const ms_op attention_op = { .name = "attention", .backward = attention_backward,
                                   .args = sizeof(size_t) /* heads */ };

ms_tensor *ms_attention(ms_tensor *qkv, size_t heads)
{
  char a[MS_SHAPE_TEXT];
  if (qkv->ndim != 3)
    return ms_fail("attention: x must be batch x token x 3 dim (queries, keys, values), got %s",
                   ms_shape_text(qkv->ndim, qkv->dim, a)), NULL;
  if (heads < 1 || heads > qkv->dim[2] || qkv->dim[2] % (3 * heads))
    return ms_fail("attention: %zu numbers to a token do not divide into 3 times %zu heads",
                   qkv->dim[2], heads), NULL;
  const ms_attention_shape s = shape_of(qkv, heads);
  const size_t fact_dim[] = { s.batch, heads, 2, s.tokens };
  ms_tensor *facts = ms_tensor_new(4, fact_dim);
  ms_tensor *y = facts ? ms_tensor_new(3, (size_t[]){ s.batch, s.tokens, s.dim }) : NULL;
  if (y && ms_k_attention()->forward(&s, qkv->data, y->data, facts->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  if (y) {
    ms_tensor *save[] = { qkv, y, facts };
    y = ms_record(y, &attention_op, 1, &qkv, 3, save, &heads);
  }
  ms_tensor_free(facts);
  return y;
}

static ms_tensor *call_attention(const ms_arg *a)
{
  return ms_attention(a[0].tensor, a[1].whole > 0 ? (size_t)a[1].whole : 0);
}

/** qkv:attention(heads) -> (batch, token, dim) from queries, keys and values side by side in
    (batch, token, 3 dim): softmax(q k' / sqrt(dim / heads)) v of every head */
MS_OPERATOR(attention, call_attention, MS_TENSOR("qkv"), MS_WHOLE("heads", MS_NEEDED))

static ms_tensor *call_softmax(const ms_arg *a) { return ms_softmax(a[0].tensor); }

/** x:softmax() -> exponentials over their sum, along the last dimension */
MS_OPERATOR(softmax, call_softmax, MS_TENSOR("x"))
