/* Dropout: a mask that is a function of (seed, stream, position), so any step can be replayed. */
#include "../../base/error.h"
#include "../fill.h"
#include "../operator.h"
#include "../ops.h"

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->binary(MS_BINARY_mul, gy->data, ms_node_saved(n, 0)->data, gx[0]->data,
                             gy->count);
  return 0;
}

static const ms_op dropout_op = { .name = "dropout", .backward = backward };

ms_tensor *ms_dropout(ms_tensor *x, double p, uint64_t seed, uint64_t stream)
{
  if (!(p >= 0 && p < 1))
    return ms_fail("dropout: p must be 0..1 (below 1), got %g", p), NULL;
  ms_tensor *mask = ms_tensor_like(x), *y = mask ? ms_tensor_like(x) : NULL;
  if (y) {
    ms_fill_kept(mask, seed, stream, p);
    ms_k_elementwise()->binary(MS_BINARY_mul, x->data, mask->data, y->data, x->count);
    y = ms_record(y, &dropout_op, 1, &x, 1, &mask, NULL);
  }
  ms_tensor_free(mask);
  return y;
}

static ms_tensor *call(const ms_arg *a)
{
  return ms_dropout(a[0].tensor, a[1].number, (uint64_t)a[2].whole, (uint64_t)a[3].whole);
}

/** x:dropout([p = 0.5], [seed = 0], [stream = 0]) -> x with a share p of its numbers zeroed and the
    others divided by 1 - p; which ones depends on seed, stream and the place alone */
MS_OPERATOR(dropout, call, MS_TENSOR("x"), MS_NUMBER("p", 0.5), MS_WHOLE("seed", 0),
            MS_WHOLE("stream", 0))
