/* Operators of two inputs, number by number, with broadcasting: the rows of kernels/binary.def. */
#include "../base/error.h"
#include "broadcast.h"
#include "ops.h"

/* op is first: a call's or a node's operator is its row. */
typedef struct row {
  ms_op op;
  int saves;
  int passes[2]; /* whether the gradient of an input is that of y */
} row;

static ms_tensor *forward(const ms_call *c);
static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);

#define INPUTS 2
#define NOTHING 0
#define CONSTANT NOTHING
#define BACKWARD_INPUTS backward
#define BACKWARD_NOTHING backward
#define BACKWARD_CONSTANT NULL
#define BINARY(its_name, value, gradient_a, gradient_b, what)                             \
  [MS_BINARY_##its_name] = {                                                              \
    .op = { .name = #its_name, .takes = { MS_OPERAND(x), MS_OPERAND(y) },                 \
            .forward = forward, .backward = BACKWARD_##what },                            \
    .saves = what,                                                                        \
    .passes = { sizeof #gradient_a == sizeof "g", sizeof #gradient_b == sizeof "g" } },
static const row rows[] = {
#include "../kernels/binary.def"
};
#undef BINARY

#define BINARY(its_name, ...) MS_OPERATOR_NAMED(its_name, &rows[MS_BINARY_##its_name].op)
#include "../kernels/binary.def"
#undef BINARY

static ms_binary_kind kind_of(const row *r)
{
  return (ms_binary_kind)(r - rows);
}

static int is_comparison(ms_binary_kind kind)
{
  return kind >= MS_BINARY_gt && kind <= MS_BINARY_ne;
}

/* Both at one shape: as they are, or stretched copies (new references). */
static int stretch_both(ms_tensor *const *in, int ndim, const size_t *dim, ms_tensor *wide[2])
{
  wide[0] = ms_stretch(in[0], ndim, dim);
  wide[1] = wide[0] ? ms_stretch(in[1], ndim, dim) : NULL;
  return wide[1] ? 0 : -1;
}

static void free_both(ms_tensor *wide[2])
{
  ms_tensor_free(wide[0]);
  ms_tensor_free(wide[1]);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  const row *r = (const row *)c->op;
  ms_tensor *wide[2] = { NULL, NULL }, *y = NULL;
  char text_a[MS_SHAPE_TEXT], text_b[MS_SHAPE_TEXT];
  int ndim;
  size_t dim[MS_MAX_DIMS];
  if (ms_shape_broadcast(a->ndim, a->dim, b->ndim, b->dim, &ndim, dim) != 0)
    return ms_fail("%s: the shapes %s and %s do not fit together", c->op->name,
                   ms_shape_text(a->ndim, a->dim, text_a),
                   ms_shape_text(b->ndim, b->dim, text_b)), NULL;
  if (stretch_both(c->input, ndim, dim, wide) == 0) y = ms_tensor_like(wide[0]);
  if (y)
    ms_k_elementwise()->binary(kind_of(r), wide[0]->data, wide[1]->data, y->data, y->count);
  free_both(wide);
  if (y && is_comparison(kind_of(r))) y->mask = 1;
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

/* The gradient of input i by its formula, at the shape of y. */
static ms_tensor *wide_gradient(const row *r, int i, ms_tensor *const *wide, ms_tensor *gy)
{
  if (r->passes[i]) return ms_tensor_ref(gy);
  ms_tensor *g = ms_tensor_like(gy);
  if (g)
    ms_k_elementwise()->binary_back(kind_of(r), i, wide[0]->data, wide[1]->data, gy->data, g->data,
                                    g->count);
  return g;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const row *r = (const row *)ms_node_op(n);
  ms_tensor *in[] = { gy, gy }, *wide[2]; /* gy stands for what formulas do not read */
  for (int i = 0; i < r->saves; i++) in[i] = ms_node_saved(n, i);
  int status = stretch_both(in, gy->ndim, gy->dim, wide);
  for (int i = 0; i < 2 && status == 0; i++) {
    if (!ms_needs_input_grad(n, i)) continue;
    gx[i] = to_input(n, i, wide_gradient(r, i, wide, gy));
    status = gx[i] ? 0 : -1;
  }
  free_both(wide);
  return status;
}

ms_tensor *ms_binary(ms_binary_kind kind, ms_tensor *a, ms_tensor *b)
{
  return ms_apply(&rows[kind].op, 2, (ms_tensor *[]){ a, b }, NULL);
}
