/* amax, amin, prod, any, all, norm: reductions that fold numbers into one. */
#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/reduce/fold_backs.h"
#include "../ops.h"
#include "axes.h"

typedef struct reduction {
  uint32_t axes;
  int keep;
} reduction;

static ms_span span_of(const ms_node *n, uint32_t axes, int *ndim, const size_t **dim)
{
  *dim = ms_node_input_dim(n, 0, ndim);
  return ms_axes_span(*ndim, *dim, axes);
}

/* Keeps x and y where backward reads them. */
static ms_tensor *fold(const ms_call *c, ms_fold_kind kind, double p, uint32_t axes, int keep)
{
  const ms_span s = ms_axes_span(c->input[0]->ndim, c->input[0]->dim, axes);
  ms_tensor *x = ms_axes_gather(c->input[0], axes);
  ms_tensor *y = x ? ms_axes_result(c->input[0], axes, keep) : NULL;
  if (y && ms_k_folds()->fold(kind, s, x->data, y->data, p) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  ms_tensor_free(x);
  return ms_record(c, y, 2, (ms_tensor *[]){ c->input[0], y });
}

/* What is folded needs at least one number. */
static ms_tensor *fold_some(const ms_call *c, ms_fold_kind kind)
{
  const reduction *a = c->attributes;
  if (ms_axes_some(c->op->name, c->input[0], a->axes) != 0) return NULL;
  return fold(c, kind, 0, a->axes, a->keep);
}

static ms_tensor *fold_any(const ms_call *c, ms_fold_kind kind)
{
  const reduction *a = c->attributes;
  return fold(c, kind, 0, a->axes, a->keep);
}

/* gx[0] = back(x, y, gy), each with the axes side by side. */
static int fold_back(const ms_node *n, ms_tensor *gy, ms_tensor **gx, ms_fold_kind kind,
                     uint32_t axes, double p)
{
  const ms_tensor *y = ms_node_saved(n, 1);
  int ndim;
  const size_t *dim;
  const ms_span s = span_of(n, axes, &ndim, &dim);
  ms_tensor *x = ms_axes_gather(ms_node_saved(n, 0), axes);
  ms_tensor *g = x ? ms_tensor_new(ndim, dim) : NULL;
  const ms_fold_backs_kernels *k = ms_k_fold_backs();
  if (!g) return ms_tensor_free(x), -1;
  if (kind == MS_FOLD_PROD) k->prod(s, x->data, gy->data, g->data);
  else if (kind == MS_FOLD_COUNT) memset(g->data, 0, g->count * sizeof(real));
  else if (kind >= MS_FOLD_NORM1 && kind <= MS_FOLD_NORM_P)
    k->norm(kind, s, x->data, y->data, gy->data, g->data, p);
  else k->extreme(kind, s, x->data, y->data, gy->data, g->data);
  ms_tensor_free(x);
  gx[0] = ms_axes_return(g, ndim, dim, axes);
  return gx[0] ? 0 : -1;
}

/* ---- amax, amin ------------------------------------------------------------------------------ */
static ms_tensor *amax(const ms_call *c)
{
  return fold_some(c, MS_FOLD_MAX);
}

static int amax_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return fold_back(n, gy, gx, MS_FOLD_MAX, ((const reduction *)ms_node_attributes(n))->axes, 0);
}

/** x:amax([axes], {keep = false}) -> the largest number of all, or along one dimension or a list
    of them, which disappear, or stay as 1 with keep; NaN where there is one. Equal ones share the
    gradient. x:max gives the position, too */
static const ms_op amax_op = {
  .name = "amax", .forward = amax, .backward = amax_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(amax_op)

static ms_tensor *amin(const ms_call *c)
{
  return fold_some(c, MS_FOLD_MIN);
}

static int amin_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return fold_back(n, gy, gx, MS_FOLD_MIN, ((const reduction *)ms_node_attributes(n))->axes, 0);
}

/** x:amin([axes], {keep = false}) -> the smallest number of all, or along one dimension or a list
    of them, which disappear, or stay as 1 with keep; NaN where there is one. Equal ones share the
    gradient. x:min gives the position, too */
static const ms_op amin_op = {
  .name = "amin", .forward = amin, .backward = amin_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(amin_op)

/* ---- prod, any, all -------------------------------------------------------------------------- */
static ms_tensor *prod(const ms_call *c)
{
  return fold_any(c, MS_FOLD_PROD);
}

static int prod_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  return fold_back(n, gy, gx, MS_FOLD_PROD, ((const reduction *)ms_node_attributes(n))->axes, 0);
}

/** x:prod([axes], {keep = false}) -> the product of all, or along one dimension or a list of
    them, which disappear, or stay as 1 with keep; of no numbers 1. The gradient is right where
    numbers are 0, too */
static const ms_op prod_op = {
  .name = "prod", .forward = prod, .backward = prod_backward,
  .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(prod_op)

static ms_tensor *as_mask(ms_tensor *y)
{
  if (y) y->mask = 1;
  return y;
}

static ms_tensor *any(const ms_call *c)
{
  return as_mask(fold_any(c, MS_FOLD_ANY));
}

/* x:any(axes, {keep}): 1 where at least one number is not 0 (NaN is not), else 0. */
static const ms_op any_op = {
  .name = "any", .module = "internal", .forward = any, .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(any_op)

static ms_tensor *all(const ms_call *c)
{
  return as_mask(fold_any(c, MS_FOLD_ALL));
}

/* x:all(axes, {keep}): 1 where no number is 0, else 0. */
static const ms_op all_op = {
  .name = "all", .module = "internal", .forward = all, .attributes = MS_ATTRIBUTES(reduction),
  .takes = { MS_TENSOR(x), MS_AXES(reduction, axes), MS_NAMED_FLAG(reduction, keep, 0) },
};
MS_OPERATOR(all_op)

/* ---- norm ------------------------------------------------------------------------------------ */
typedef struct norm {
  double p;
  uint32_t axes;
  int keep;
} norm;

static ms_fold_kind kind_of(double p)
{
  return p == 2          ? MS_FOLD_NORM2
         : p == 1        ? MS_FOLD_NORM1
         : p == 0        ? MS_FOLD_COUNT
         : p == INFINITY ? MS_FOLD_MAX_ABS
         : isinf(p)      ? MS_FOLD_MIN_ABS
                         : MS_FOLD_NORM_P;
}

static int norm_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const norm *a = ms_node_attributes(n);
  return fold_back(n, gy, gx, kind_of(a->p), a->axes, a->p);
}

static ms_tensor *take_norm(const ms_call *c)
{
  const norm *a = c->attributes;
  if (isnan(a->p)) return ms_fail("norm: p must be a number, got NaN"), NULL;
  if ((isinf(a->p) || a->p < 0) && ms_axes_some("norm", c->input[0], a->axes) != 0) return NULL;
  return fold(c, kind_of(a->p), a->p, a->axes, a->keep);
}

/** x:norm([p = 2], [axes], {keep = false}) -> (sum of |x|^p)^(1/p) of all, or along one dimension
    or a list of them, which disappear, or stay as 1 with keep. p may be any number: 2
    the Euclidean norm, 1 the sum of magnitudes, 0 how many are not 0, math.huge the largest
    magnitude, -math.huge the smallest. Where a norm is 0 its gradient is 0, as in PyTorch; in
    double inside */
static const ms_op norm_op = {
  .name = "norm", .forward = take_norm, .backward = norm_backward,
  .attributes = MS_ATTRIBUTES(norm),
  .takes = { MS_TENSOR(x), MS_NUMBER(norm, p, 2), MS_AXES(norm, axes),
             MS_NAMED_FLAG(norm, keep, 0) },
};
MS_OPERATOR(norm_op)
