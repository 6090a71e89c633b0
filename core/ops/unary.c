/* Operators of one input, number by number: the rows of kernels/unary.def, and affine maps. */
#include <math.h>

#include "../base/error.h"
#include "operator.h"
#include "ops.h"

typedef struct args {
  ms_unary_kind kind;
  real parameter;
} args;

static int unary_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const args *a = ms_node_args(n);
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->unary_back(a->kind, ms_node_saved(n, 0)->data, gy->data, gx[0]->data,
                                 gy->count, a->parameter);
  return 0;
}

/* From x, which such operators save. */
static ms_tensor *unary_again(const ms_node *n)
{
  const args *a = ms_node_args(n);
  const ms_tensor *x = ms_node_saved(n, 0);
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_elementwise()->unary(a->kind, x->data, y->data, x->count, a->parameter);
  return y;
}

static const struct row {
  ms_op op;
  enum { FROM_x, FROM_y } from;
  const char *parameter; /* its name, or NULL */
  double least, most;
} rows[] = {
#define KEPT NULL
#define RECOMPUTED unary_again
#define NONE .parameter = NULL
#define PARAMETER(its_name, value, its_least, its_most)                   \
  .parameter = #its_name, .least = its_least, .most = its_most
#define UNARY(its_name, value, gradient, source, output, ...)              \
  [MS_UNARY_##its_name] = {                                                \
    .op = { .name = #its_name, .backward = unary_backward, .again = output, \
            .args = sizeof(args) },                                        \
    .from = FROM_##source, __VA_ARGS__ },
#include "../kernels/unary.def"
#undef UNARY
};

ms_tensor *ms_unary(ms_unary_kind kind, ms_tensor *x, double p)
{
  const struct row *r = &rows[kind];
  if (r->parameter && !(p >= r->least && p <= r->most))
    return ms_fail("%s: the %s must be %g..%g, got %g", r->op.name, r->parameter, r->least, r->most,
                   p), NULL;
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return NULL;
  ms_k_elementwise()->unary(kind, x->data, y->data, x->count, (real)p);
  return ms_record(y, &r->op, 1, &x, 1, r->from == FROM_x ? &x : &y,
                   &(args){ kind, (real)p });
}

static int affine_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->affine(gy->data, gx[0]->data, gy->count, *(const real *)ms_node_args(n), 0);
  return 0;
}

static const ms_op affine_op = {
  .name = "affine", .backward = affine_backward, .args = sizeof(real)
};

ms_tensor *ms_affine(ms_tensor *x, double scale, double offset)
{
  ms_tensor *y = ms_tensor_like(x);
  if (!y) return NULL;
  ms_k_elementwise()->affine(x->data, y->data, x->count, (real)scale, (real)offset);
  return ms_record(y, &affine_op, 1, &x, 0, NULL, &(real){ (real)scale });
}

ms_tensor *ms_neg(ms_tensor *x)
{
  return ms_affine(x, -1, 0);
}

/* ---- declarations ------------------------------------------------------------------------ */
#undef NONE
#undef PARAMETER
#define NONE MS_END
#define PARAMETER(name, value, least, most) MS_NUMBER(#name, value)
#define UNARY(name, value, gradient, from, output, parameter)            \
  static ms_tensor *call_##name(const ms_arg *arg)                       \
  {                                                                      \
    return ms_unary(MS_UNARY_##name, arg[0].tensor, arg[1].number);      \
  }                                                                      \
  MS_OPERATOR(name, call_##name, MS_TENSOR("x"), parameter)
#include "../kernels/unary.def"
#undef UNARY
