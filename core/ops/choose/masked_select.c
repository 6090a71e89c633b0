/* masked_select and nonzero: where a mask is not 0. */
#include <string.h>

#include "../../base/error.h"
#include "../broadcast.h"
#include "../ops.h"
#include "positions.h"

/* ---- masked_select --------------------------------------------------------------------------- */
static int masked_select_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  const ms_tensor *mask = ms_node_saved(n, 0);
  ms_tensor *g = ms_tensor_like(mask);
  if (!g) return -1;
  ms_k_gathering()->mask_scatter(mask->data, gy->data, g->data, mask->count);
  gx[0] = ms_fold(g, ndim, dim);
  ms_tensor_free(g);
  return gx[0] ? 0 : -1;
}

/* Of x and a mask of equal shape. */
static ms_tensor *pick(const ms_tensor *x, const ms_tensor *mask)
{
  const size_t count = ms_k_gathering()->mask_count(mask->data, mask->count);
  ms_tensor *y = ms_tensor_new(1, &count);
  if (y) ms_k_gathering()->mask_select(mask->data, x->data, y->data, mask->count);
  return y;
}

static ms_tensor *masked_select(const ms_call *c)
{
  ms_tensor *x = c->input[0], *mask = c->input[1];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  int ndim;
  size_t dim[MS_MAX_DIMS];
  if (ms_shape_broadcast(x->ndim, x->dim, mask->ndim, mask->dim, &ndim, dim) != 0)
    return ms_fail("masked_select: x is %s, which a mask of %s does not fit",
                   ms_shape_text(x->ndim, x->dim, a),
                   ms_shape_text(mask->ndim, mask->dim, b)), NULL;
  if (ms_recording(1, &c->input[1]))
    return ms_fail("masked_select: a mask has no gradient; give it mask:detach()"), NULL;
  x = ms_stretch(x, ndim, dim);
  mask = x ? ms_stretch(mask, ndim, dim) : NULL;
  ms_tensor *y = mask ? pick(x, mask) : NULL;
  y = ms_record(c, y, 1, &mask);
  ms_tensor_free(x);
  ms_tensor_free(mask);
  return y;
}

/** x:masked_select(mask) -> a list (one dimension) of the numbers of x where the mask is not 0,
    in row-major order; x and mask stretch to a common shape. Gradient to x */
static const ms_op masked_select_op = {
  .name = "masked_select", .forward = masked_select, .backward = masked_select_backward,
  .takes = { MS_TENSOR(x), MS_TENSOR(mask) },
};
MS_OPERATOR(masked_select_op)

/* ---- nonzero --------------------------------------------------------------------------------- */
static ms_tensor *nonzero(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  for (int d = 0; d < x->ndim; d++)
    if (ms_positions_fit("nonzero", x->dim[d]) != 0) return NULL;
  const size_t dim[] = { ms_k_gathering()->mask_count(x->data, x->count), (size_t)x->ndim };
  ms_tensor *y = ms_tensor_new(2, dim);
  if (y && y->count) ms_k_gathering()->mask_places(x->data, x->ndim, x->dim, y->data);
  return ms_record(c, y, 0, NULL);
}

/** x:nonzero() -> positions (how many, dimensions of x) of the numbers that are not 0, from 1, in
    row-major order; without gradient */
static const ms_op nonzero_op = {
  .name = "nonzero", .forward = nonzero, .takes = { MS_TENSOR(x) },
};
MS_OPERATOR(nonzero_op)
