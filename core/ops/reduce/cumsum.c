/* cumsum, cumprod, differences, and positions for cummax and cummin. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/reduce/scans.h"
#include "../choose/positions.h"
#include "../ops.h"
#include "axes.h"

typedef struct along {
  int axis;
} along;

static ms_span span_of(const ms_tensor *x, const along *a)
{
  ms_span s = { 1, x->dim[a->axis], 1 };
  for (int d = 0; d < x->ndim; d++)
    if (d != a->axis) *(d < a->axis ? &s.outer : &s.inner) *= x->dim[d];
  return s;
}

/* ---- cumsum ---------------------------------------------------------------------------------- */
static int cumsum_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_scans()->sum(span_of(gy, ms_node_attributes(n)), gy->data, gx[0]->data, 1);
  return 0;
}

static ms_tensor *cumsum(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_scans()->sum(span_of(x, c->attributes), x->data, y->data, 0);
  return ms_record(c, y, 0, NULL);
}

/** x:cumsum(axis) -> sums of all numbers up to each place along the axis; in double inside */
static const ms_op cumsum_op = {
  .name = "cumsum", .forward = cumsum, .backward = cumsum_backward,
  .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis) },
};
MS_OPERATOR(cumsum_op)

/* ---- cumprod --------------------------------------------------------------------------------- */
static int cumprod_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0), *y = ms_node_saved(n, 1);
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_scans()->prod_back(span_of(x, ms_node_attributes(n)), x->data, y->data, gy->data,
                          gx[0]->data);
  return 0;
}

static ms_tensor *cumprod(const ms_call *c)
{
  ms_tensor *x = c->input[0], *y = ms_tensor_like(x);
  if (y) ms_k_scans()->prod(span_of(x, c->attributes), x->data, y->data);
  return ms_record(c, y, 2, (ms_tensor *[]){ x, y });
}

/** x:cumprod(axis) -> products of all numbers up to each place along the axis; in double inside.
    The gradient is right where numbers are 0, too */
static const ms_op cumprod_op = {
  .name = "cumprod", .forward = cumprod, .backward = cumprod_backward,
  .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis) },
};
MS_OPERATOR(cumprod_op)

/* ---- differences ----------------------------------------------------------------------------- */
static int diff_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const along *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  ms_k_scans()->differences_back(span_of(gx[0], a), gy->data, gx[0]->data);
  return 0;
}

static ms_tensor *diff(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const along *a = c->attributes;
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[a->axis] -= dim[a->axis] > 0;
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  if (y) ms_k_scans()->differences(span_of(x, a), x->data, y->data);
  return ms_record(c, y, 0, NULL);
}

/* internal.diff(x, axis): once, for x:diff */
static const ms_op diff_op = {
  .name = "diff", .module = "internal", .forward = diff, .backward = diff_backward,
  .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis) },
};
MS_OPERATOR(diff_op)

/* ---- positions of the extremes so far -------------------------------------------------------- */
static ms_tensor *positions(const ms_call *c, int least)
{
  const ms_tensor *x = c->input[0];
  const ms_span s = span_of(x, c->attributes);
  if (ms_positions_fit(c->op->name, s.n) != 0) return NULL;
  ms_tensor *y = ms_tensor_like(x);
  if (y) ms_k_scans()->extreme(s, x->data, y->data, least);
  return ms_record(c, y, 0, NULL);
}

static ms_tensor *cummax(const ms_call *c)
{
  return positions(c, 0);
}

static ms_tensor *cummin(const ms_call *c)
{
  return positions(c, 1);
}

/* internal.cummax(x, axis) and cummin, for those of Lua */
#define EXTREME(its_name)                                                                 \
  static const ms_op its_name##_op = {                                                    \
    .name = #its_name, .module = "internal", .forward = (its_name),                        \
    .attributes = MS_ATTRIBUTES(along), .takes = { MS_TENSOR(x), MS_THE_AXIS(along, axis) }, \
  };                                                                                      \
  MS_OPERATOR(its_name##_op)

EXTREME(cummax)
EXTREME(cummin)
