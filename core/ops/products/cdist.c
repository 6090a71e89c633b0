/* Distances between all rows of two tensors. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/products/distances.h"
#include "../broadcast.h"
#include "../ops.h"

typedef struct cdist {
  double p;
} cdist;

/* Both with a common batch (new references), in front of their own last two dimensions. */
static int stretch(ms_tensor *const *in, ms_tensor *wide[2], int *ndim, size_t *dim)
{
  const int na = in[0]->ndim - 2, nb = in[1]->ndim - 2;
  wide[0] = wide[1] = NULL;
  if (ms_shape_broadcast(na, in[0]->dim, nb, in[1]->dim, ndim, dim) != 0)
    return ms_fail("cdist: the batches of x and y do not fit together");
  if (*ndim > MS_MAX_DIMS - 2)
    return ms_fail("cdist: at most %d dimensions are possible", MS_MAX_DIMS);
  for (int i = 0; i < 2; i++) {
    memcpy(dim + *ndim, in[i]->dim + in[i]->ndim - 2, 2 * sizeof *dim);
    if (!(wide[i] = ms_stretch(in[i], *ndim + 2, dim))) break;
  }
  dim[*ndim + 1] = in[1]->dim[nb];
  dim[*ndim] = in[0]->dim[na];
  *ndim += 2;
  if (wide[1]) return 0;
  ms_tensor_free(wide[0]);
  return -1;
}

/* The distances of batch i. */
static ms_distances at(double p, ms_tensor *const *wide, ms_tensor *y, size_t i)
{
  const ms_tensor *a = wide[0], *b = wide[1];
  ms_distances d = { .m = a->dim[a->ndim - 2], .n = b->dim[b->ndim - 2], .k = a->dim[a->ndim - 1],
                     .p = p };
  d.a = a->data + i * d.m * d.k;
  d.b = b->data + i * d.n * d.k;
  d.y = y->data + i * d.m * d.n;
  return d;
}

/* g at the shape of a wide input, folded back to that of input i; takes g over. */
static ms_tensor *to_input(const ms_node *n, int i, ms_tensor *g)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, i, &ndim);
  ms_tensor *folded = g ? ms_fold(g, ndim, dim) : NULL;
  ms_tensor_free(g);
  return folded;
}

static void sweep(double p, ms_tensor *const *wide, ms_tensor *y, const ms_tensor *gy,
                  ms_tensor *const *g)
{
  for (size_t i = 0, at_y = 0; at_y < y->count; i++) {
    ms_distances d = at(p, wide, y, i);
    d.gy = gy->data + at_y;
    d.ga = g[0] ? g[0]->data + i * d.m * d.k : NULL;
    d.gb = g[1] ? g[1]->data + i * d.n * d.k : NULL;
    ms_k_distances()->backward(&d);
    at_y += d.m * d.n;
  }
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const cdist *c = ms_node_attributes(n);
  ms_tensor *in[] = { ms_node_saved(n, 0), ms_node_saved(n, 1) }, *y = ms_node_saved(n, 2);
  ms_tensor *wide[2], *g[2] = { NULL, NULL };
  int ndim, status = 0;
  size_t dim[MS_MAX_DIMS];
  if (stretch(in, wide, &ndim, dim) != 0) return -1;
  for (int i = 0; i < 2; i++)
    if (ms_needs_input_grad(n, i) && !(g[i] = ms_tensor_zeros(wide[i]->ndim, wide[i]->dim)))
      status = -1;
  if (status == 0) sweep(c->p, wide, y, gy, g);
  for (int i = 0; i < 2; i++) {
    if (ms_needs_input_grad(n, i) && !(gx[i] = to_input(n, i, g[i]))) status = -1;
    ms_tensor_free(wide[i]);
  }
  return status;
}

static int check(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  const cdist *t = c->attributes;
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  if (a->ndim < 2 || b->ndim < 2 || a->dim[a->ndim - 1] != b->dim[b->ndim - 1])
    return ms_fail("cdist: x (..., m, k) and y (..., n, k) are expected, got %s and %s",
                   ms_shape_text(a->ndim, a->dim, x), ms_shape_text(b->ndim, b->dim, y));
  if (!(t->p >= 0)) return ms_fail("cdist: p must be 0 or more, got %g", t->p);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *wide[2], *y;
  int ndim, status = 0;
  size_t dim[MS_MAX_DIMS];
  if (check(c) != 0 || stretch(c->input, wide, &ndim, dim) != 0) return NULL;
  y = ms_tensor_new(ndim, dim);
  const size_t one = dim[ndim - 2] * dim[ndim - 1];
  for (size_t i = 0; y && status == 0 && i * one < y->count; i++) {
    const ms_distances d = at(((const cdist *)c->attributes)->p, wide, y, i);
    status = ms_k_distances()->forward(&d);
  }
  ms_tensor_free(wide[0]);
  ms_tensor_free(wide[1]);
  if (status != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 3, (ms_tensor *[]){ c->input[0], c->input[1], y });
}

/** x:cdist(y, [p = 2]) -> (..., m, n): distances between the rows of x (..., m, k) and of y
    (..., n, k), (sum |x - y|^p)^(1/p); math.huge takes the largest difference, 0 counts the numbers
    that differ. Differences are squared as they are, never taken from a product. At a distance of 0
    the gradient is 0 */
static const ms_op cdist_op = {
  .name = "cdist", .forward = forward, .backward = backward, .attributes = MS_ATTRIBUTES(cdist),
  .takes = { MS_TENSOR(x), MS_TENSOR(y), MS_NUMBER(cdist, p, 2) },
};
MS_OPERATOR(cdist_op)
