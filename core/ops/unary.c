/* Operators of one input, number by number: the rows of kernels/unary.def, and affine maps. */
#include <math.h>

#include "../base/error.h"
#include "ops.h"

typedef struct parameter {
  double p;
} parameter;

/* op is first: a call's or a node's operator is its row. */
typedef struct row {
  ms_op op;
  enum { FROM_x, FROM_y } from;
  double least, most; /* of the parameter */
} row;

static ms_tensor *forward(const ms_call *c);
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);
static ms_tensor *recompute(const ms_node *n);

#define KEPT NULL
#define RECOMPUTED recompute
#define TAKES_NONE { .name = NULL }
#define TAKES_PARAMETER(its_name, default, its_least, its_most)                           \
  { .name = #its_name, .kind = MS_ARG_NUMBER, .value = default, .offset = 0 }
#define RANGE_NONE .least = -INFINITY, .most = INFINITY
#define RANGE_PARAMETER(its_name, default, its_least, its_most)                           \
  .least = its_least, .most = its_most
#define UNARY(its_name, value, gradient, source, output, its_parameter)                   \
  [MS_UNARY_##its_name] = {                                                               \
    .op = { .name = #its_name, .takes = { MS_TENSOR(x), TAKES_##its_parameter },          \
            .attributes = MS_ATTRIBUTES(parameter), .forward = forward,                   \
            .backward = backward, .recompute = output },                                  \
    .from = FROM_##source, RANGE_##its_parameter },
static const row rows[] = {
#include "../kernels/unary.def"
};
#undef UNARY

#define UNARY(its_name, ...) MS_OPERATOR_NAMED(its_name, &rows[MS_UNARY_##its_name].op)
#include "../kernels/unary.def"
#undef UNARY

static ms_unary_kind kind_of(const ms_op *op)
{
  return (ms_unary_kind)((const row *)op - rows);
}

/* y of x's shape, outside the graph. */
static ms_tensor *value_of(const ms_op *op, const ms_tensor *x, const parameter *a)
{
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_elementwise()->unary(kind_of(op), x->data, y->data, x->count, (real)a->p);
  return y;
}

static ms_tensor *forward(const ms_call *c)
{
  const row *r = (const row *)c->op;
  const parameter *a = c->attributes;
  if (!(a->p >= r->least && a->p <= r->most))
    return ms_fail("%s: the %s must be %g..%g, got %g", c->op->name, c->op->takes[1].name, r->least,
                   r->most, a->p), NULL;
  ms_tensor *y = value_of(c->op, c->input[0], a);
  return ms_record(c, y, 1, r->from == FROM_x ? c->input : &y);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const parameter *a = ms_node_attributes(n);
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->unary_back(kind_of(ms_node_op(n)), ms_node_saved(n, 0)->data, gy->data,
                                 gx[0]->data, gy->count, (real)a->p);
  return 0;
}

/* From x, which such operators save. */
static ms_tensor *recompute(const ms_node *n)
{
  return value_of(ms_node_op(n), ms_node_saved(n, 0), ms_node_attributes(n));
}
