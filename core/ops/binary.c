/* Operators of two inputs, number by number, with broadcasting. */
#include "../base/error.h"
#include "broadcast.h"
#include "ops.h"

/* Both inputs at the output's shape: as they are, or stretched copies (new references). */
static int stretch_both(const char *name, ms_tensor *a, ms_tensor *b, ms_tensor *out[2])
{
  int ndim;
  size_t dim[MS_MAX_DIMS];
  if (ms_shape_broadcast(a->ndim, a->dim, b->ndim, b->dim, &ndim, dim) != 0) {
    char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
    return ms_fail("%s: the shapes %s and %s do not fit together", name,
                   ms_shape_text(a->ndim, a->dim, x), ms_shape_text(b->ndim, b->dim, y));
  }
  out[0] = ms_stretch(a, ndim, dim);
  out[1] = out[0] ? ms_stretch(b, ndim, dim) : NULL;
  if (out[1]) return 0;
  ms_tensor_free(out[0]);
  return -1;
}

static ms_tensor *binary(ms_tensor *a, ms_tensor *b, const ms_op *op, ms_k_binary *kernel,
                         int save_inputs)
{
  ms_tensor *input[] = { a, b }, *wide[2] = { NULL, NULL }, *save[2] = { NULL, NULL };
  if (stretch_both(op->name, a, b, wide) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(wide[0]);
  if (y) kernel(wide[0]->data, wide[1]->data, y->data, y->count);
  for (int i = 0; i < 2; i++) {
    if (save_inputs) save[i] = input[i];
    ms_tensor_free(wide[i]);
  }
  return y ? ms_record(y, op, 2, input, save_inputs ? 2 : 0, save, NULL) : NULL;
}

/* g at the output's shape, folded back to the shape of input i; takes g over. */
static ms_tensor *to_input(const ms_node *n, int i, ms_tensor *g)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, i, &ndim);
  ms_tensor *folded = g ? ms_fold(g, ndim, dim) : NULL;
  ms_tensor_free(g);
  return folded;
}

/* gy times a factor, or over it, where the factor has an input's shape. */
static ms_tensor *combine(ms_tensor *gy, ms_tensor *factor, ms_k_binary *kernel)
{
  ms_tensor *wide = ms_stretch(factor, gy->ndim, gy->dim), *g = wide ? ms_tensor_like(gy) : NULL;
  if (g) kernel(gy->data, wide->data, g->data, g->count);
  ms_tensor_free(wide);
  return g;
}

static ms_tensor *scaled(ms_tensor *g, double scale)
{
  ms_tensor *y = ms_tensor_like(g);
  if (y) ms_k_elementwise()->affine(g->data, y->data, g->count, (real)scale, 0);
  return y;
}

static int check(const ms_node *n, ms_tensor **gx)
{
  return (ms_node_wants(n, 0) && !gx[0]) || (ms_node_wants(n, 1) && !gx[1]) ? -1 : 0;
}

static int add_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  for (int i = 0; i < 2; i++)
    if (ms_node_wants(n, i)) gx[i] = to_input(n, i, ms_tensor_ref(gy));
  return check(n, gx);
}

static int sub_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  if (ms_node_wants(n, 0)) gx[0] = to_input(n, 0, ms_tensor_ref(gy));
  if (ms_node_wants(n, 1)) gx[1] = to_input(n, 1, scaled(gy, -1));
  return check(n, gx);
}

static int mul_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  for (int i = 0; i < 2; i++)
    if (ms_node_wants(n, i))
      gx[i] = to_input(n, i, combine(gy, ms_node_saved(n, 1 - i), ms_k_elementwise()->mul));
  return check(n, gx);
}

/* y = a / b: ga = gy / b, gb = -gy a / b^2 */
static int div_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_elementwise_kernels *k = ms_k_elementwise();
  ms_tensor *a = ms_node_saved(n, 0), *b = ms_node_saved(n, 1), *g = combine(gy, b, k->div);
  if (!g) return -1;
  if (ms_node_wants(n, 1)) {
    ms_tensor *ga = combine(g, a, k->mul), *gab = ga ? combine(ga, b, k->div) : NULL;
    if (gab) gx[1] = to_input(n, 1, scaled(gab, -1));
    ms_tensor_free(ga);
    ms_tensor_free(gab);
  }
  if (ms_node_wants(n, 0)) gx[0] = to_input(n, 0, ms_tensor_ref(g));
  ms_tensor_free(g);
  return check(n, gx);
}

static const ms_op add_op = { .name = "add", .backward = add_backward };
static const ms_op sub_op = { .name = "sub", .backward = sub_backward };
static const ms_op mul_op = { .name = "mul", .backward = mul_backward };
static const ms_op div_op = { .name = "div", .backward = div_backward };

ms_tensor *ms_add(ms_tensor *a, ms_tensor *b)
{
  return binary(a, b, &add_op, ms_k_elementwise()->add, 0);
}
ms_tensor *ms_sub(ms_tensor *a, ms_tensor *b)
{
  return binary(a, b, &sub_op, ms_k_elementwise()->sub, 0);
}
ms_tensor *ms_mul(ms_tensor *a, ms_tensor *b)
{
  return binary(a, b, &mul_op, ms_k_elementwise()->mul, 1);
}
ms_tensor *ms_div(ms_tensor *a, ms_tensor *b)
{
  return binary(a, b, &div_op, ms_k_elementwise()->div, 1);
}
