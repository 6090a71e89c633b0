/* Losses of classes: cross-entropy of logits, negative log-likelihood of log-probabilities. */
#include <math.h>

#include "../../base/error.h"
#include "../../kernels/losses/class_losses.h"
#include "reduction.h"

/* Up to so many numbers, which the paper's batches of clips stay below, are computed in double and
   in order: results of earlier versions stay to the bit. */
enum { FEW = 900, LOGITS = 0, TARGET = 1, WEIGHT = 2, LSE = 3 };

typedef struct options {
  int reduction, is_log;
  double label_smoothing, ignore_index;
} options;

/* ---- shapes and classes ---------------------------------------------------------------------- */
static int is_soft(const ms_tensor *y, const ms_tensor *t)
{
  return t->ndim == y->ndim;
}

static int check_shapes(const ms_call *c)
{
  const ms_tensor *y = c->input[LOGITS], *t = c->input[TARGET], *w = c->input[WEIGHT];
  const options *o = c->attributes;
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  int fits = y->ndim >= 1 && (t->ndim == y->ndim - 1 || (t->ndim == y->ndim && !o->is_log));
  for (int d = 0; fits && d < t->ndim; d++) fits = t->dim[d] == y->dim[d];
  if (!fits || (!y->count && o->reduction == MS_MEAN) || !y->dim[y->ndim - 1])
    return ms_fail("%s: logits must be batch x class and classes batch, got %s and %s",
                   c->op->name, ms_shape_text(y->ndim, y->dim, a),
                   ms_shape_text(t->ndim, t->dim, b));
  if (w && (w->ndim != 1 || w->dim[0] != y->dim[y->ndim - 1]))
    return ms_fail("%s: %zu classes need as many weights, got %s", c->op->name,
                   y->dim[y->ndim - 1], ms_shape_text(w->ndim, w->dim, a));
  return 0;
}

static int refuse_gradients(const ms_call *c)
{
  ms_tensor *const *in = c->input;
  if (!is_soft(in[LOGITS], in[TARGET]) && ms_recording(1, &c->input[TARGET]))
    return ms_fail("%s: the classes are whole numbers and have no gradient; "
                   "give it target:detach()", c->op->name);
  if (in[WEIGHT] && ms_recording(1, &c->input[WEIGHT]))
    return ms_fail("%s: the weight has no gradient; give it weight:detach()", c->op->name);
  return 0;
}

static int check_classes(const ms_call *c, size_t n)
{
  const options *o = c->attributes;
  const ms_tensor *t = c->input[TARGET];
  for (size_t r = 0; r < t->count; r++) {
    const double class = (double)t->data[r];
    const int known = class >= 1 && class <= (double)n && class == floor(class);
    if (!known && class != o->ignore_index)
      return ms_fail("%s: class %g is not one of 1..%zu", c->op->name, class, n);
  }
  return 0;
}

static int check(const ms_call *c)
{
  const options *o = c->attributes;
  const ms_tensor *y = c->input[LOGITS];
  if (check_shapes(c) != 0 || refuse_gradients(c) != 0) return -1;
  if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
    return ms_fail("%s: label_smoothing must be 0..1, got %g", c->op->name, o->label_smoothing);
  if (!is_soft(y, c->input[TARGET])) return check_classes(c, y->dim[y->ndim - 1]);
  if (!isnan(o->ignore_index))
    return ms_fail("%s: ignore_index is of classes, not of shares", c->op->name);
  return 0;
}

/* ---- forward and backward -------------------------------------------------------------------- */
/* in: logits, target, weight and, behind many numbers, lse */
static ms_class_loss loss_of(const options *o, ms_tensor *const *in)
{
  const ms_tensor *y = in[LOGITS], *t = in[TARGET];
  const size_t n = y->dim[y->ndim - 1];
  return (ms_class_loss){
    .y = y->data, .classes = is_soft(y, t) ? NULL : t->data, .target = t->data,
    .weight = in[WEIGHT] ? in[WEIGHT]->data : NULL, .lse = in[LSE] ? in[LSE]->data : NULL,
    .rows = y->count / n, .n = n, .smoothing = o->label_smoothing, .ignored = o->ignore_index,
    .is_log = o->is_log, .is_few = y->count <= FEW,
  };
}

/* What a mean divides by: the weights of the classes that are there. */
static double parts_of(const ms_class_loss *l, int reduction)
{
  double sum = 0;
  if (reduction != MS_MEAN) return 1;
  if (!l->classes) return (double)l->rows;
  for (size_t r = 0; r < l->rows; r++) {
    const double class = (double)l->classes[r];
    if (class == l->ignored) continue;
    sum += l->weight ? (double)l->weight[(size_t)class - 1] : 1;
  }
  return sum;
}

static ms_tensor *value_of(const ms_class_loss *l, const ms_tensor *y, int reduction)
{
  if (reduction != MS_NONE)
    return ms_tensor_number(ms_k_class_losses()->sum(l) / parts_of(l, reduction));
  ms_tensor *each = ms_tensor_new(y->ndim - 1, y->dim);
  if (each) ms_k_class_losses()->each(l, each->data);
  return each;
}

static ms_tensor *forward(const ms_call *c)
{
  const options *o = c->attributes;
  ms_tensor *in[] = { c->input[LOGITS], c->input[TARGET], c->input[WEIGHT], NULL };
  if (check(c) != 0) return NULL;
  ms_class_loss l = loss_of(o, in);
  if (!l.is_few && !l.is_log && ms_recording(2, in)) {
    in[LSE] = ms_tensor_new(1, &l.rows);
    if (!in[LSE]) return NULL;
    l.lse = in[LSE]->data;
  }
  ms_tensor *y = ms_record(c, value_of(&l, in[LOGITS], o->reduction), LSE + 1, in);
  ms_tensor_free(in[LSE]);
  return y;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const options *o = ms_node_attributes(node);
  ms_tensor *in[LSE + 1];
  for (int i = 0; i <= LSE; i++) in[i] = ms_node_saved(node, i);
  const ms_class_loss l = loss_of(o, in);
  const int each = o->reduction == MS_NONE;
  const double scale = each ? 1 : (double)gy->data[0] / parts_of(&l, o->reduction);
  for (int i = LOGITS; i <= TARGET; i++) {
    if (!ms_needs_input_grad(node, i)) continue;
    gx[i] = ms_tensor_like(in[i]);
    if (!gx[i]) return -1;
    (i == LOGITS ? ms_k_class_losses()->back : ms_k_class_losses()->back_target)(
        &l, each ? gy->data : NULL, scale, gx[i]->data);
  }
  return 0;
}

/** ms.loss.cross_entropy(logits, target, {weight =, ignore_index =, label_smoothing = 0,
    reduction = "mean"}) -> mean cross-entropy of softmax(logits). logits: batch x class, or more
    sizes with the class last (PyTorch has it second); target: classes from 1, which have no
    gradient, of the sizes but the last; or the share of each class, of the shape of the logits,
    with a gradient. weight: one a class; a mean is then weighted, too. ignore_index: rows of this
    "class", such as 0, count nothing. label_smoothing s: targets are target (1 - s) + s / classes.
    reduction: "mean", "sum" or "none", one a row */
static const ms_op cross_entropy = {
  .name = "cross_entropy", .module = "loss", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(options),
  .takes = { MS_TENSOR(logits), MS_TENSOR(target), MS_NAMED_OPTIONAL(weight),
             MS_NAMED_NUMBER(options, ignore_index, NAN),
             MS_NAMED_NUMBER(options, label_smoothing, 0),
             MS_NAMED_CHOICE(options, reduction, ms_reductions, MS_MEAN) },
};
MS_OPERATOR(cross_entropy)

static ms_tensor *nll_forward(const ms_call *c)
{
  options o = *(const options *)c->attributes;
  ms_call call = *c;
  o.is_log = 1;
  call.attributes = &o;
  return forward(&call);
}

/** ms.loss.nll(y, classes, {weight =, ignore_index =, reduction = "mean"}) -> mean of -y at the
    classes, from 1: the cross-entropy of log-probabilities y, batch x class or more sizes with the
    class last. Options as cross_entropy says */
static const ms_op nll = {
  .name = "nll", .module = "loss", .forward = nll_forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(options),
  .takes = { MS_TENSOR(y), MS_TENSOR(classes), MS_NAMED_OPTIONAL(weight),
             MS_NAMED_NUMBER(options, ignore_index, NAN),
             MS_NAMED_CHOICE(options, reduction, ms_reductions, MS_MEAN) },
};
MS_OPERATOR(nll)
