/* Numbers kept between bounds, which are numbers, tensors, or left out. */
#include <math.h>

#include "../base/error.h"
#include "ops.h"

typedef struct bounds {
  double low, high;
} bounds;

static void kernel_bounds(const bounds *a, real p[MS_UNARY_PARAMETERS])
{
  p[0] = (real)a->low;
  p[1] = (real)a->high;
  p[2] = 0;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  real p[MS_UNARY_PARAMETERS];
  kernel_bounds(ms_node_attributes(n), p);
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->unary_back(MS_UNARY_hardtanh, ms_node_saved(n, 0)->data, gy->data,
                                 gx[0]->data, gy->count, p);
  return 0;
}

/* Between numbers. */
static ms_tensor *between(const ms_call *c, const bounds *a)
{
  const ms_tensor *x = c->input[0];
  const ms_call call = { c->op, c->inputs, c->input, a, c->precision };
  real p[MS_UNARY_PARAMETERS];
  kernel_bounds(a, p);
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_elementwise()->unary(MS_UNARY_hardtanh, x->data, y->data, x->count, p);
  return ms_record(&call, y, 1, c->input);
}

/* Whether a bound is a number, or none: then its value. */
static int is_plain(const ms_tensor *bound, double *value)
{
  if (!bound) return 1;
  if (bound->ndim != 0 || ms_has_grad(bound) || bound->data[0] != bound->data[0]) return 0;
  *value = (double)bound->data[0];
  return 1;
}

/* Bound by bound, with a gradient for each. */
static ms_tensor *between_tensors(const ms_call *c)
{
  ms_tensor *x = c->input[0], *low = c->input[1], *high = c->input[2];
  ms_tensor *y = low ? ms_binary(MS_BINARY_maximum, x, low) : ms_tensor_ref(x);
  if (!y || !high) return y;
  ms_tensor *z = ms_binary(MS_BINARY_minimum, y, high);
  ms_tensor_free(y);
  return z;
}

static ms_tensor *forward(const ms_call *c)
{
  bounds a = { -INFINITY, INFINITY };
  if (!c->input[1] && !c->input[2])
    return ms_fail("clamp: a lower bound, an upper bound or both are expected"), NULL;
  if (is_plain(c->input[1], &a.low) && is_plain(c->input[2], &a.high)) return between(c, &a);
  return between_tensors(c);
}

/** x:clamp([low], [high]) -> x between the two, these where it lies outside, high where they cross;
    nil or left out: no bound there. Bounds are numbers or tensors, with broadcasting. As in PyTorch
    the gradient of x is 0 at bounds that are numbers, and halved between it and those that are
    tensors */
static const ms_op clamp_op = {
  .name = "clamp", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(bounds),
  .takes = { MS_TENSOR(x), MS_OPTIONAL_OPERAND(low), MS_OPTIONAL_OPERAND(high) },
};
MS_OPERATOR(clamp_op)
