/* Operators of two inputs, number by number: the rows of kernels/binary.def, with broadcasting. */
#include "../base/error.h"
#include "broadcast.h"
#include "operator.h"
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

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);

/* How the gradient of an input comes: not at all, as gy, or by the row's formula. */
typedef enum how { HOW_NONE, HOW_SAME, HOW_FORMULA } how;

static const struct row {
  ms_op op;
  how gradient[2];
  int saved; /* inputs */
} rows[] = {
#define NONE HOW_NONE
#define SAME HOW_SAME
#define OF(formula) HOW_FORMULA
#define NOTHING 0
#define INPUTS 2
#define BINARY(its_name, value, of_a, of_b, its_saved)           \
  [MS_BINARY_##its_name] = {                                     \
    .op = { .name = #its_name, .backward = backward, .args = sizeof(ms_binary_kind) }, \
    .gradient = { of_a, of_b }, .saved = its_saved },
#include "../kernels/binary.def"
#undef BINARY
};

/* The gradient of input i at the output's shape; a and b have that shape, too. */
static ms_tensor *gradient(ms_binary_kind kind, int i, ms_tensor *const wide[2], ms_tensor *gy)
{
  if (rows[kind].gradient[i] == HOW_SAME) return ms_tensor_ref(gy);
  ms_tensor *g = ms_tensor_like(gy);
  const real *a = wide[0] ? wide[0]->data : gy->data, *b = wide[1] ? wide[1]->data : gy->data;
  if (g) ms_k_elementwise()->binary_back(kind, i, a, b, gy->data, g->data, g->count);
  return g;
}

/* Folds g, at the output's shape, back to that of input i; takes g over. */
static ms_tensor *to_input(const ms_node *n, int i, ms_tensor *g)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, i, &ndim);
  ms_tensor *folded = g ? ms_fold(g, ndim, dim) : NULL;
  ms_tensor_free(g);
  return folded;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_binary_kind kind = *(const ms_binary_kind *)ms_node_args(n);
  ms_tensor *wide[2] = { NULL, NULL };
  int status = 0;
  for (int i = 0; i < rows[kind].saved && status == 0; i++)
    if (!(wide[i] = ms_stretch(ms_node_saved(n, i), gy->ndim, gy->dim))) status = -1;
  for (int i = 0; i < 2 && status == 0; i++) {
    if (!ms_node_wants(n, i) || rows[kind].gradient[i] == HOW_NONE) continue;
    gx[i] = to_input(n, i, gradient(kind, i, wide, gy));
    if (!gx[i]) status = -1;
  }
  for (int i = 0; i < 2; i++) ms_tensor_free(wide[i]);
  return status;
}

ms_tensor *ms_binary(ms_binary_kind kind, ms_tensor *a, ms_tensor *b)
{
  const struct row *r = &rows[kind];
  ms_tensor *input[] = { a, b }, *wide[2] = { NULL, NULL };
  if (stretch_both(r->op.name, a, b, wide) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(wide[0]);
  if (y) ms_k_elementwise()->binary(kind, wide[0]->data, wide[1]->data, y->data, y->count);
  for (int i = 0; i < 2; i++) ms_tensor_free(wide[i]);
  if (!y || (r->gradient[0] == HOW_NONE && r->gradient[1] == HOW_NONE)) return y;
  return ms_record(y, &r->op, 2, input, r->saved, input, &kind);
}

#define BINARY(name, ...)                                       \
  static ms_tensor *call_##name(const ms_arg *arg)              \
  {                                                             \
    return ms_binary(MS_BINARY_##name, arg[0].tensor, arg[1].tensor); \
  }                                                             \
  MS_OPERATOR(name, call_##name, MS_OPERAND("a"), MS_OPERAND("b"))
#include "../kernels/binary.def"
#undef BINARY
