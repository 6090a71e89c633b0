/* Connectionist temporal classification, the loss of sequences without alignment. */
#include <math.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../kernels/losses/ctc_sums.h"
#include "reduction.h"

enum { PROBABILITIES = 0, LABELS = 1, STEPS = 2, COUNTS = 3 };

typedef struct options {
  int reduction, zero_infinity;
  size_t blank;
} options;

/* ---- what is given --------------------------------------------------------------------------- */
static int check_lengths(const ms_tensor *t, const char *what, size_t batch, double least,
                         double most)
{
  char text[MS_SHAPE_TEXT];
  if (!t) return 0;
  if (t->ndim != 1 || t->dim[0] != batch)
    return ms_fail("ctc: %s must be a list of %zu lengths, got %s", what, batch,
                   ms_shape_text(t->ndim, t->dim, text));
  for (size_t i = 0; i < batch; i++) {
    const double n = (double)t->data[i];
    if (!(n >= least && n <= most && n == floor(n)))
      return ms_fail("ctc: %s must be whole numbers from %g to %g, got %g", what, least, most, n);
  }
  return 0;
}

static int check_labels(const ms_tensor *t, const ms_tensor *counts, size_t classes, size_t blank)
{
  for (size_t i = 0; i < t->dim[0]; i++) {
    const size_t n = counts ? (size_t)counts->data[i] : t->dim[1];
    for (size_t k = 0; k < n; k++) {
      const double class = (double)t->data[i * t->dim[1] + k];
      if (!(class >= 1 && class <= (double)classes && class == floor(class)))
        return ms_fail("ctc: class %g is not one of 1..%zu", class, classes);
      if (class == (double)blank) return ms_fail("ctc: class %g is the blank", class);
    }
  }
  return 0;
}

static int check(const ms_call *c)
{
  const options *o = c->attributes;
  const ms_tensor *y = c->input[PROBABILITIES], *t = c->input[LABELS];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (y->ndim != 3 || t->ndim != 2 || y->dim[0] != t->dim[0] || !y->count)
    return ms_fail("ctc: log-probabilities must be batch x time x class and classes batch x "
                   "length, got %s and %s", ms_shape_text(y->ndim, y->dim, a),
                   ms_shape_text(t->ndim, t->dim, b));
  if (o->blank > y->dim[2])
    return ms_fail("ctc: the blank must be one of the classes 1..%zu, got %zu", y->dim[2],
                   o->blank);
  if (ms_recording(3, &c->input[LABELS]))
    return ms_fail("ctc: classes and lengths are whole numbers and have no gradient; give them "
                   "detached, x:detach()");
  if (check_lengths(c->input[STEPS], "lengths", y->dim[0], 1, (double)y->dim[1]) != 0) return -1;
  if (check_lengths(c->input[COUNTS], "target_lengths", y->dim[0], 0, (double)t->dim[1]) != 0)
    return -1;
  return check_labels(t, c->input[COUNTS], y->dim[2], o->blank);
}

/* ---- forward and backward -------------------------------------------------------------------- */
/* What a sequence's loss is divided by, as in PyTorch. */
static double parts_of(const options *o, const ms_tensor *labels, const ms_tensor *counts,
                       size_t i)
{
  if (o->reduction != MS_MEAN) return 1;
  const double n = counts ? (double)counts->data[i] : (double)labels->dim[1];
  return (n > 1 ? n : 1) * (double)labels->dim[0];
}

static ms_tensor *reduced(const ms_call *c, const double *loss)
{
  const options *o = c->attributes;
  const size_t batch = c->input[LABELS]->dim[0];
  double sum = 0;
  ms_tensor *each = o->reduction == MS_NONE ? ms_tensor_new(1, &batch) : NULL;
  if (o->reduction == MS_NONE && !each) return NULL;
  for (size_t i = 0; i < batch; i++) {
    if (each) each->data[i] = (real)loss[i];
    sum += loss[i] / parts_of(o, c->input[LABELS], c->input[COUNTS], i);
  }
  return each ? each : ms_tensor_number(sum);
}

static ms_tensor *forward(const ms_call *c)
{
  const options *o = c->attributes;
  ms_tensor *y = c->input[PROBABILITIES], *t = c->input[LABELS], *value = NULL;
  if (check(c) != 0) return NULL;
  ms_tensor *gradient = ms_recording(1, &y) ? ms_tensor_like(y) : NULL;
  double *loss = malloc(y->dim[0] * sizeof *loss);
  ms_ctc job = { .y = y->data, .batch = y->dim[0], .time = y->dim[1], .classes = y->dim[2],
                 .most = t->dim[1], .blank = o->blank - 1, .labels = t->data,
                 .steps = c->input[STEPS] ? c->input[STEPS]->data : NULL,
                 .counts = c->input[COUNTS] ? c->input[COUNTS]->data : NULL,
                 .zero_infinity = o->zero_infinity, .loss = loss,
                 .gradient = gradient ? gradient->data : NULL };
  const int wanted = gradient || !ms_recording(1, &y);
  if (!loss) ms_fail("ctc: no memory for the losses");
  else if (wanted && ms_k_ctc_sums()->run(&job) == 0) value = reduced(c, loss);
  free(loss);
  ms_tensor *saved[] = { gradient, t, c->input[COUNTS] };
  value = ms_record(c, value, 3, saved);
  ms_tensor_free(gradient);
  return value;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const options *o = ms_node_attributes(n);
  const ms_tensor *g = ms_node_saved(n, 0), *labels = ms_node_saved(n, 1);
  gx[0] = ms_tensor_like(g);
  if (!gx[0]) return -1;
  const size_t row = g->dim[1] * g->dim[2];
  for (size_t i = 0; i < g->dim[0]; i++) {
    const double by = (double)gy->data[o->reduction == MS_NONE ? i : 0];
    const real scale = (real)(by / parts_of(o, labels, ms_node_saved(n, 2), i));
    for (size_t k = 0; k < row; k++) gx[0]->data[i * row + k] = scale * g->data[i * row + k];
  }
  return 0;
}

/** ms.loss.ctc(y, classes, {lengths =, target_lengths =, blank = 1, zero_infinity = false,
    reduction = "mean"}) -> -ln of the probability that y gives the sequences of classes over all
    alignments (Graves et al. 2006). y: batch x time x class, log-probabilities such as
    x:log_softmax() gives (PyTorch has the time first); classes: batch x length, from 1, padded with
    any; lengths and target_lengths: how much of each counts; blank: the class between labels.
    zero_infinity: what no alignment gives, a sequence longer than its time, costs nothing rather
    than infinity. "mean" divides each by its target's length and takes the mean of the batch, as
    PyTorch does; "sum" and "none", one a sequence, do not */
static const ms_op ctc = {
  .name = "ctc", .module = "loss", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(options),
  .takes = { MS_TENSOR(y), MS_TENSOR(classes), MS_NAMED_OPTIONAL(lengths),
             MS_NAMED_OPTIONAL(target_lengths), MS_NAMED_COUNT(options, blank, 1),
             MS_NAMED_FLAG(options, zero_infinity, 0),
             MS_NAMED_CHOICE(options, reduction, ms_reductions, MS_MEAN) },
};
MS_OPERATOR(ctc)
