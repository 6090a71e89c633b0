/* Operators of one input, number by number: a row of a table each. */
#include "../base/error.h"
#include "../kernels/elementwise.h"
#include "ops.h"

/* NAME: forward, and backward from the saved input and output. */
#define UNARY(name)                                                                       \
  static int name##_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)             \
  {                                                                                       \
    const ms_tensor *x = ms_node_saved(n, 0), *y = ms_node_saved(n, 1);                   \
    gx[0] = ms_tensor_like(gy);                                                           \
    if (!gx[0]) return -1;                                                                \
    ms_k_elementwise()->name##_back(x ? x->data : y->data, y ? y->data : x->data,         \
                                    gy->data, gx[0]->data, gy->count,                     \
                                    (real)ms_node_args(n)->f[0]);                         \
    return 0;                                                                             \
  }                                                                                       \
  static const ms_op name##_op = { #name, name##_backward, MADE_AGAIN, NULL };

#define MADE_AGAIN NULL
UNARY(abs)
UNARY(exp)
UNARY(log)
UNARY(log10)
UNARY(sqrt)
UNARY(square)
UNARY(sigmoid)
UNARY(tanh)
#undef MADE_AGAIN

/* Activations, whose input is saved anyway: the layers after them need not save them too. */
static ms_tensor *made_again(const ms_node *n, ms_k_unary *kernel)
{
  const ms_tensor *x = ms_node_saved(n, 0);
  ms_tensor *y = ms_tensor_like(x);
  if (y) kernel(x->data, y->data, x->count, (real)ms_node_args(n)->f[0]);
  return y;
}

static ms_tensor *leaky_relu_again(const ms_node *n) { return made_again(n, ms_k_elementwise()->leaky_relu); }
static ms_tensor *gelu_again(const ms_node *n) { return made_again(n, ms_k_elementwise()->gelu); }

#define MADE_AGAIN leaky_relu_again
UNARY(leaky_relu)
#undef MADE_AGAIN
#define MADE_AGAIN gelu_again
UNARY(gelu)
#undef MADE_AGAIN

/* What backward reads (kernels/elementwise.c writes each slope in one of them). */
enum { FROM_X, FROM_Y };

static ms_tensor *unary(ms_tensor *x, const ms_op *op, ms_k_unary *kernel, double a, int from)
{
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return NULL;
  kernel(x->data, y->data, x->count, (real)a);
  ms_tensor *save[] = { from == FROM_X ? x : NULL, from == FROM_Y ? y : NULL };
  return ms_record(y, op, 1, &x, 2, save, &(ms_args){ .f = { a } });
}

ms_tensor *ms_abs(ms_tensor *x) { return unary(x, &abs_op, ms_k_elementwise()->abs, 0, FROM_X); }
ms_tensor *ms_exp(ms_tensor *x) { return unary(x, &exp_op, ms_k_elementwise()->exp, 0, FROM_Y); }
ms_tensor *ms_sqrt(ms_tensor *x) { return unary(x, &sqrt_op, ms_k_elementwise()->sqrt, 0, FROM_Y); }
ms_tensor *ms_tanh(ms_tensor *x) { return unary(x, &tanh_op, ms_k_elementwise()->tanh, 0, FROM_Y); }
ms_tensor *ms_gelu(ms_tensor *x) { return unary(x, &gelu_op, ms_k_elementwise()->gelu, 0, FROM_X); }

ms_tensor *ms_square(ms_tensor *x)
{
  return unary(x, &square_op, ms_k_elementwise()->square, 0, FROM_X);
}

ms_tensor *ms_sigmoid(ms_tensor *x)
{
  return unary(x, &sigmoid_op, ms_k_elementwise()->sigmoid, 0, FROM_Y);
}

ms_tensor *ms_log(ms_tensor *x, double epsilon)
{
  return unary(x, &log_op, ms_k_elementwise()->log, epsilon, FROM_X);
}

ms_tensor *ms_log10(ms_tensor *x, double epsilon)
{
  return unary(x, &log10_op, ms_k_elementwise()->log10, epsilon, FROM_X);
}

/* The sign of the output is the sign of the input for slopes from 0 to 1. */
ms_tensor *ms_leaky_relu(ms_tensor *x, double slope)
{
  if (slope < 0 || slope > 1) return ms_fail("leaky_relu: the slope must be 0..1, got %g", slope), NULL;
  return unary(x, &leaky_relu_op, ms_k_elementwise()->leaky_relu, slope, FROM_X);
}

static int affine_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->affine(gy->data, gx[0]->data, gy->count, (real)ms_node_args(n)->f[0], 0);
  return 0;
}

static const ms_op affine_op = { .name = "affine", .backward = affine_backward };

ms_tensor *ms_affine(ms_tensor *x, double scale, double offset)
{
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return NULL;
  ms_k_elementwise()->affine(x->data, y->data, x->count, (real)scale, (real)offset);
  return ms_record(y, &affine_op, 1, &x, 0, NULL, &(ms_args){ .f = { scale } });
}

ms_tensor *ms_neg(ms_tensor *x)
{
  return ms_affine(x, -1, 0);
}
