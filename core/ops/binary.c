/* Operators of two and three inputs, number by number, with broadcasting: the rows of
   kernels/binary.def and kernels/pointwise/ternary.def. */
#include "../base/error.h"
#include "broadcast.h"
#include "ops.h"

/* op is first: a call's or a node's operator is its row. */
typedef struct row {
  ms_op op;
  int inputs, saves;
  enum { FORMULA, PASSES, STEPS } gradient[MS_BROADCAST_INPUTS]; /* PASSES: that of y itself */
} row;

static ms_tensor *forward(const ms_call *c);
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);

#define INPUTS 2
#define NOTHING 0
#define CONSTANT NOTHING
#define BACKWARD_INPUTS backward
#define BACKWARD_NOTHING backward
#define BACKWARD_CONSTANT NULL
/* "g" and "ZERO" are told by their first letter and length. */
#define GRADIENT(formula)                                                                 \
  (sizeof #formula == sizeof "g" ? PASSES : sizeof #formula == sizeof "ZERO" ? STEPS : FORMULA)
#define BINARY(its_name, value, gradient_a, gradient_b, what)                             \
  [MS_BINARY_##its_name] = {                                                              \
    .op = { .name = #its_name, .takes = { MS_OPERAND(x), MS_OPERAND(y) },                 \
            .forward = forward, .backward = BACKWARD_##what },                            \
    .inputs = 2, .saves = (what), .gradient = { GRADIENT(gradient_a), GRADIENT(gradient_b) } },
#define TERNARY(its_name, first, second, third, value, gradient_a, gradient_b, gradient_c) \
  [MS_TERNARY_##its_name] = {                                                             \
    .op = { .name = #its_name,                                                            \
            .takes = { MS_OPERAND(first), MS_OPERAND(second), MS_OPERAND(third) },        \
            .forward = forward, .backward = backward },                                   \
    .inputs = 3, .saves = 3,                                                              \
    .gradient = { GRADIENT(gradient_a), GRADIENT(gradient_b), GRADIENT(gradient_c) } },
static const row rows[] = {
#include "../kernels/binary.def"
#include "../kernels/pointwise/ternary.def"
};
#undef BINARY
#undef TERNARY

#define BINARY(its_name, ...) MS_OPERATOR_NAMED(its_name, &rows[MS_BINARY_##its_name].op)
#define TERNARY(its_name, ...) MS_OPERATOR_NAMED(its_name, &rows[MS_TERNARY_##its_name].op)
#include "../kernels/binary.def"
#include "../kernels/pointwise/ternary.def"
#undef BINARY
#undef TERNARY

static ms_binary_kind kind_of(const row *r)
{
  return (ms_binary_kind)(r - rows);
}

static ms_tensor *forward(const ms_call *c)
{
  const row *r = (const row *)c->op;
  ms_broadcast in;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  if (ms_broadcast_shape(c->op->name, r->inputs, c->input, &ndim, dim) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (y) {
    ms_broadcast_of(r->inputs, c->input, y, &in);
    ms_k_elementwise()->joint(kind_of(r), &in, y->data);
    y->mask = !r->op.backward;
  }
  return ms_record(c, y, r->saves, c->input);
}

/* g at the shape of y, folded back to that of input i; takes g over. */
static ms_tensor *to_input(const ms_node *n, int i, ms_tensor *g)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, i, &ndim);
  ms_tensor *folded = g ? ms_fold(g, ndim, dim) : NULL;
  ms_tensor_free(g);
  return folded;
}

/* The gradient of input i at the shape of y. */
static ms_tensor *wide_gradient(const row *r, int i, const ms_broadcast *in, ms_tensor *gy)
{
  if (r->gradient[i] == PASSES) return ms_tensor_ref(gy);
  ms_tensor *g = ms_tensor_like(gy);
  if (g) ms_k_elementwise()->joint_back(kind_of(r), i, in, gy->data, g->data);
  return g;
}

static ms_tensor *gradient(const ms_node *n, int i, const ms_broadcast *in, ms_tensor *gy)
{
  const row *r = (const row *)ms_node_op(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, i, &ndim);
  if (r->gradient[i] == STEPS) return ms_tensor_zeros(ndim, dim);
  return to_input(n, i, wide_gradient(r, i, in, gy));
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const row *r = (const row *)ms_node_op(n);
  ms_tensor *input[MS_BROADCAST_INPUTS] = { gy, gy, gy }; /* for what formulas do not read */
  ms_broadcast in;
  for (int i = 0; i < r->saves; i++) input[i] = ms_node_saved(n, i);
  ms_broadcast_of(r->inputs, input, gy, &in);
  for (int i = 0; i < r->inputs; i++) {
    if (!ms_needs_input_grad(n, i)) continue;
    gx[i] = gradient(n, i, &in, gy);
    if (!gx[i]) return -1;
  }
  return 0;
}

ms_tensor *ms_binary(ms_binary_kind kind, ms_tensor *a, ms_tensor *b)
{
  return ms_apply(&rows[kind].op, 2, (ms_tensor *[]){ a, b }, NULL);
}
