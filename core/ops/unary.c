/* Operators of one input, number by number: the rows of kernels/unary.def. */
#include <math.h>

#include "../base/error.h"
#include "ops.h"

typedef struct parameters {
  double p[MS_UNARY_PARAMETERS];
} parameters;

/* op is first: a call's or a node's operator is its row. */
typedef struct row {
  ms_op op;
  enum { FROM_x, FROM_y } from;
  double least[MS_UNARY_PARAMETERS], most[MS_UNARY_PARAMETERS]; /* of the parameters */
} row;

static ms_tensor *forward(const ms_call *c);
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);
static ms_tensor *recompute(const ms_node *n);

#define BACK_KEPT .backward = backward
#define BACK_RECOMPUTED .backward = backward, .recompute = recompute
#define BACK_CONSTANT .backward = NULL
#define TAKE(k, its_name, default)                                                        \
  { .name = #its_name, .kind = MS_ARG_NUMBER, .value = default,                           \
    .offset = (k) * sizeof(double) }
#define TAKES_NONE { .name = NULL }
#define TAKES_PARAMETER(name, default, least, most) TAKE(0, name, default)
#define TAKES_PARAMETERS_2(a, da, la, ma, b, db, lb, mb) TAKE(0, a, da), TAKE(1, b, db)
#define TAKES_PARAMETERS_3(a, da, la, ma, b, db, lb, mb, c, dc, lc, mc)                   \
  TAKE(0, a, da), TAKE(1, b, db), TAKE(2, c, dc)
#define RANGE_NONE .least = { 0 }
#define RANGE_PARAMETER(name, default, its_least, its_most)                               \
  .least = { its_least }, .most = { its_most }
#define RANGE_PARAMETERS_2(a, da, la, ma, b, db, lb, mb) .least = { la, lb }, .most = { ma, mb }
#define RANGE_PARAMETERS_3(a, da, la, ma, b, db, lb, mb, c, dc, lc, mc)                   \
  .least = { la, lb, lc }, .most = { ma, mb, mc }
#define ABOVE_0 1e-30
#define UNARY(its_name, value, gradient, source, output, its_parameters)                  \
  [MS_UNARY_##its_name] = {                                                               \
    .op = { .name = #its_name, .takes = { MS_TENSOR(x), TAKES_##its_parameters },         \
            .attributes = MS_ATTRIBUTES(parameters), .forward = forward, BACK_##output }, \
    .from = FROM_##source, RANGE_##its_parameters },
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
static ms_tensor *value_of(const ms_op *op, const ms_tensor *x, const parameters *a)
{
  const real p[] = { (real)a->p[0], (real)a->p[1], (real)a->p[2] };
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_elementwise()->unary(kind_of(op), x->data, y->data, x->count, p);
  return y;
}

static int check(const row *r, const parameters *a)
{
  for (int k = 0; k < MS_UNARY_PARAMETERS && r->op.takes[k + 1].kind; k++)
    if (!(a->p[k] >= r->least[k] && a->p[k] <= r->most[k]))
      return ms_fail("%s: the %s must be %g..%g, got %g", r->op.name, r->op.takes[k + 1].name,
                     r->least[k], r->most[k], a->p[k]);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const row *r = (const row *)c->op;
  if (check(r, c->attributes) != 0) return NULL;
  ms_tensor *y = value_of(c->op, c->input[0], c->attributes);
  if (y) y->mask = !c->op->backward;
  return ms_record(c, y, 1, r->from == FROM_x ? c->input : &y);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const parameters *a = ms_node_attributes(n);
  const real p[] = { (real)a->p[0], (real)a->p[1], (real)a->p[2] };
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->unary_back(kind_of(ms_node_op(n)), ms_node_saved(n, 0)->data, gy->data,
                                 gx[0]->data, gy->count, p);
  return 0;
}

/* From x, which such operators save. */
static ms_tensor *recompute(const ms_node *n)
{
  return value_of(ms_node_op(n), ms_node_saved(n, 0), ms_node_attributes(n));
}
