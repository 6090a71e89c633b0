/* scale x + offset: what arithmetic between a tensor and a number is. */
#include "ops.h"

typedef struct affine {
  double scale, offset;
} affine;

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const affine *a = ms_node_attributes(n);
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->affine(gy->data, gx[0]->data, gy->count, (real)a->scale, 0);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const affine *a = c->attributes;
  ms_tensor *y = ms_tensor_like(x);
  if (y)
    ms_k_elementwise()->affine(x->data, y->data, x->count, (real)a->scale, (real)a->offset);
  return ms_record(c, y, 0, NULL);
}

/** x:affine(scale, [offset = 0]) -> scale x + offset */
static const ms_op affine_op = {
  .name = "affine", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(affine),
  .takes = { MS_TENSOR(x), MS_THE_NUMBER(affine, scale), MS_NUMBER(affine, offset, 0) },
};
MS_OPERATOR(affine_op)

ms_tensor *ms_affine(ms_tensor *x, double scale, double offset)
{
  return ms_apply(&affine_op, 1, &x, &(affine){ scale, offset });
}
