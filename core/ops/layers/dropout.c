/* Dropout: a mask that is a function of (seed, stream, position), so any step can be replayed. */
#include "../../base/error.h"
#include "../fill.h"
#include "../ops.h"

typedef struct dropout {
  double p;
  uint64_t seed, stream;
} dropout;

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->binary(MS_BINARY_mul, gy->data, ms_node_saved(n, 0)->data, gx[0]->data,
                             gy->count);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const dropout *a = c->attributes;
  if (!(a->p >= 0 && a->p < 1))
    return ms_fail("dropout: p must be 0..1 (below 1), got %g", a->p), NULL;
  ms_tensor *mask = ms_tensor_like(x), *y = mask ? ms_tensor_like(x) : NULL;
  if (y) {
    ms_fill_kept(mask, a->seed, a->stream, a->p);
    ms_k_elementwise()->binary(MS_BINARY_mul, x->data, mask->data, y->data, x->count);
  }
  y = ms_record(c, y, 1, &mask);
  ms_tensor_free(mask);
  return y;
}

/** x:dropout([p = 0.5], [seed = 0], [stream = 0]) -> x with a share p of its numbers zeroed and the
    others divided by 1 - p; which ones depends on seed, stream and the place alone */
static const ms_op dropout_op = {
  .name = "dropout", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(dropout),
  .takes = { MS_TENSOR(x), MS_NUMBER(dropout, p, 0.5), MS_INTEGER(dropout, seed, 0),
             MS_INTEGER(dropout, stream, 0) },
};
MS_OPERATOR(dropout_op)
