/* Losses of a prediction and a target of one shape, number by number. */
#include "pairs.h"

#include <math.h>

#include "../../base/error.h"
#include "../../kernels/reductions.h"
#include "../broadcast.h"

/* Up to so many numbers are added in double and in order, so that results of earlier versions stay
   to the bit: the paper's batches have 16 clips with at most 50 labels. */
enum { FEW = 900 };

typedef struct prepared {
  ms_pair_loss l;
  ms_tensor *wide[2]; /* v and w at y's shape, new references; NULL where there is none */
} prepared;

int ms_pair_within(const char *who, const char *what, double value, double least, double most)
{
  if (value >= least && value <= most) return 0;
  if (isinf(most)) return ms_fail("%s: %s must be %g or more, got %g", who, what, least, value);
  return ms_fail("%s: %s must be %g..%g, got %g", who, what, least, most, value);
}

/* ---- shapes ---------------------------------------------------------------------------------- */
static int check_shapes(const ms_call *c)
{
  const ms_tensor *y = c->input[0], *t = c->input[1];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  const ms_pair_options *o = c->attributes;
  if (!ms_tensor_same_shape(y, t))
    return ms_fail("%s: the prediction is %s but the target is %s", c->op->name,
                   ms_shape_text(y->ndim, y->dim, a), ms_shape_text(t->ndim, t->dim, b));
  return y->count || o->reduction != MS_MEAN ? 0 : ms_fail("%s: the tensors are empty",
                                                           c->op->name);
}

/* A variance of y's sizes but the last stands for all numbers there, as in PyTorch. New
   reference. */
static ms_tensor *with_last(ms_tensor *t, const ms_tensor *y)
{
  size_t dim[MS_MAX_DIMS];
  if (!t->ndim || t->ndim != y->ndim - 1) return ms_tensor_ref(t);
  for (int d = 0; d < t->ndim; d++) {
    dim[d] = t->dim[d];
    if (dim[d] != y->dim[d]) return ms_tensor_ref(t);
  }
  dim[t->ndim] = 1;
  return ms_tensor_view(t, t->ndim + 1, dim);
}

/* t at y's shape, a new reference. */
static ms_tensor *widen(const ms_pair_row *r, ms_tensor *t, const ms_tensor *y, int variance)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  int ndim;
  size_t dim[MS_MAX_DIMS];
  ms_tensor *from = variance ? with_last(t, y) : ms_tensor_ref(t), *wide = NULL;
  if (!from) return NULL;
  int fits = ms_shape_broadcast(y->ndim, y->dim, from->ndim, from->dim, &ndim, dim) == 0 &&
             ndim == y->ndim;
  for (int d = 0; fits && d < ndim; d++) fits = dim[d] == y->dim[d];
  if (fits) wide = ms_stretch(from, y->ndim, y->dim);
  else
    ms_fail("%s: a %s of %s does not fit a prediction of %s", r->op.name,
            variance ? "variance" : "weight", ms_shape_text(t->ndim, t->dim, a),
            ms_shape_text(y->ndim, y->dim, b));
  ms_tensor_free(from);
  return wide;
}

static void release(prepared *p)
{
  ms_tensor_free(p->wide[0]);
  ms_tensor_free(p->wide[1]);
}

/* What the kernels are given of the inputs; release() it. 0, or -1 and a message. */
static int prepare(const ms_pair_row *r, const ms_pair_options *o, ms_tensor *const *in,
                   prepared *p)
{
  ms_tensor *v = r->third ? in[r->third] : NULL, *w = r->weight ? in[r->weight] : NULL;
  *p = (prepared){ .l = { .kind = r->kind, .n = in[0]->count, .y = in[0]->data,
                          .t = in[1]->data } };
  if (r->set) r->set(o, &p->l);
  if (v && !(p->wide[0] = widen(r, v, in[0], r->variance))) return -1;
  if (w && !(p->wide[1] = widen(r, w, in[0], 0))) return release(p), -1;
  p->l.v = v ? p->wide[0]->data : NULL;
  p->l.w = w ? p->wide[1]->data : NULL;
  return 0;
}

/* ---- few numbers: binary cross-entropy as it was ------------------------------------------- */
static int is_few(const ms_pair_loss *l, int reduction)
{
  return l->kind == MS_PAIR_bce_with_logits && l->n <= FEW && !l->v && !l->w && l->q == 0 &&
         reduction == MS_MEAN;
}

/* max(y, 0) - y t + log(1 + exp(-|y|)): never overflows. Of an infinite y as PyTorch, which adds
   infinities of both signs: infinite where y is above 0 and t below 1, else NaN. */
static double bce(double y, double t)
{
  if (isinf(y)) return y > 0 ? (1 - t) * y : NAN;
  return (y > 0 ? y : 0) - y * t + log1p(exp(-fabs(y)));
}

static double sum_few(const ms_pair_loss *l)
{
  double sum = 0;
  for (size_t i = 0; i < l->n; i++) sum += bce((double)l->y[i], (double)l->t[i]);
  return sum;
}

static void back_few(const ms_pair_loss *l, int side, real scale, real *gx)
{
  for (size_t i = 0; i < l->n; i++)
    gx[i] = scale * (side ? -l->y[i] : (real)(1 / (1 + exp(-(double)l->y[i]))) - l->t[i]);
}

/* ---- all of them ----------------------------------------------------------------------------- */
static double sum_of(const ms_pair_loss *l, int reduction)
{
  if (l->kind == MS_PAIR_l1) return ms_k_reductions()->sum_abs_difference(l->y, l->t, l->n);
  if (l->kind == MS_PAIR_mse) return ms_k_reductions()->sum_square_difference(l->y, l->t, l->n);
  return is_few(l, reduction) ? sum_few(l) : ms_k_pair_losses()->sum(l);
}

/* What a mean divides by. */
static double parts_of(const ms_tensor *y, int reduction)
{
  if (reduction == MS_MEAN) return (double)y->count;
  return reduction == MS_BATCHMEAN && y->ndim ? (double)y->dim[0] : 1;
}

static ms_tensor *reduced(const ms_pair_loss *l, const ms_tensor *y, int reduction)
{
  if (reduction != MS_NONE)
    return ms_tensor_number(sum_of(l, reduction) / parts_of(y, reduction));
  ms_tensor *each = ms_tensor_like(y);
  if (each) ms_k_pair_losses()->each(l, each->data);
  return each;
}

static int refuse_gradient(const ms_call *c, int input)
{
  if (!input || !c->input[input] || !ms_recording(1, &c->input[input])) return 0;
  return ms_fail("%s: the %s has no gradient; give it detached, x:detach()", c->op->name,
                 c->op->takes[input].name);
}

ms_tensor *ms_pair_forward(const ms_call *c)
{
  const ms_pair_row *r = (const ms_pair_row *)c->op;
  const ms_pair_options *o = c->attributes;
  prepared p;
  if (check_shapes(c) != 0 || (r->check && r->check(c) != 0)) return NULL;
  if (!r->variance && refuse_gradient(c, r->third) != 0) return NULL;
  if (refuse_gradient(c, r->weight) != 0) return NULL;
  if (prepare(r, o, c->input, &p) != 0) return NULL;
  ms_tensor *y = reduced(&p.l, c->input[0], o->reduction);
  release(&p);
  return ms_record(c, y, c->inputs, c->input);
}

/* g at y's shape, folded back to that of the variance t; takes g over. */
static ms_tensor *to_variance(ms_tensor *g, ms_tensor *t, const ms_tensor *y)
{
  ms_tensor *from = with_last(t, y);
  ms_tensor *folded = from ? ms_fold(g, from->ndim, from->dim) : NULL;
  ms_tensor *gx = folded ? ms_tensor_view(folded, t->ndim, t->dim) : NULL;
  ms_tensor_free(folded);
  ms_tensor_free(from);
  ms_tensor_free(g);
  return gx;
}

static ms_tensor *gradient(const ms_pair_loss *l, int side, const ms_tensor *y, int reduction,
                           const ms_tensor *gy)
{
  const int each = reduction == MS_NONE;
  const real scale = each ? 1 : gy->data[0] / (real)parts_of(y, reduction);
  ms_tensor *gx = ms_tensor_like(y);
  if (!gx) return NULL;
  if (is_few(l, reduction)) back_few(l, side, scale, gx->data);
  else ms_k_pair_losses()->back(l, side, each ? gy->data : NULL, scale, gx->data);
  return gx;
}

int ms_pair_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_pair_row *r = (const ms_pair_row *)ms_node_op(n);
  const ms_pair_options *o = ms_node_attributes(n);
  ms_tensor *in[4] = { NULL };
  for (int i = 0; i < 2 || i == r->third || i == r->weight; i++) in[i] = ms_node_saved(n, i);
  prepared p;
  if (prepare(r, o, in, &p) != 0) return -1;
  int status = 0;
  for (int side = 0; side < 2 + r->variance && status == 0; side++) {
    const int input = side == 2 ? r->third : side;
    if (!ms_needs_input_grad(n, input)) continue;
    gx[input] = gradient(&p.l, side, in[0], o->reduction, gy);
    if (gx[input] && side == 2) gx[input] = to_variance(gx[input], in[input], in[0]);
    status = gx[input] ? 0 : -1;
  }
  release(&p);
  return status;
}
