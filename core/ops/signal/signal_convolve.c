/* Convolution of signals along the last axis, with gradients of both. */
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../broadcast.h"
#include "../linalg/matrices.h"
#include "../ops.h"
#include "sliding.h"

static const char *const methods[] = { "auto", "direct", "fft", NULL };

/* y[t] = sum over j of x[t + offset - j] h[j], `points` of them; x or h from its end. */
typedef struct convolve {
  uint64_t offset, points;
  int turned_x, turned_h, method;
} convolve;

/* The batch that both have, and which row of each a row of it reads. */
typedef struct rows {
  int ndim;
  size_t dim[MS_MAX_DIMS], count, *x, *h; /* x: a block with both, which the caller releases */
} rows;

static int rows_of(int nx, const size_t *x, int nh, const size_t *h, rows *r)
{
  *r = (rows){ .count = 1 };
  if (ms_shape_broadcast(nx - 1, x, nh - 1, h, &r->ndim, r->dim) != 0)
    return ms_fail("convolve: the batches of the signals do not fit together");
  for (int d = 0; d < r->ndim; d++) r->count *= r->dim[d];
  r->x = ms_alloc((2 * r->count + 1) * sizeof *r->x);
  if (!r->x) return -1;
  r->h = r->x + r->count;
  for (size_t i = 0; i < r->count; i++) {
    r->x[i] = ms_matrix_place(r->ndim, r->dim, nx - 1, x, i);
    r->h[i] = ms_matrix_place(r->ndim, r->dim, nh - 1, h, i);
  }
  return 0;
}

/* t with its last axis from the end; a new reference where it is not turned. */
static ms_tensor *turn(ms_tensor *t, int turned)
{
  if (!turned) return ms_tensor_ref(t);
  ms_tensor *y = ms_tensor_like(t);
  const size_t n = t->dim[t->ndim - 1];
  for (size_t i = 0; y && i < t->count; i++) y->data[i] = t->data[i / n * n + n - 1 - i % n];
  return y;
}

/* A new tensor of the batch with n numbers in a row. */
static ms_tensor *of_batch(const rows *r, size_t n)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, r->dim, sizeof dim);
  dim[r->ndim] = n;
  return ms_tensor_new(r->ndim + 1, dim);
}

/* The gradient of one side, whose rows slide as s says, summed over what was repeated. */
static ms_tensor *gradient(ms_sliding *s, const rows *r, int ndim, const size_t *dim, int turned)
{
  ms_tensor *wide = of_batch(r, s->ny), *folded = NULL, *g = NULL;
  if (!wide) return NULL;
  s->y = wide->data;
  if (ms_slide(s) == 0) folded = ms_fold(wide, ndim, dim);
  if (folded) g = turn(folded, turned);
  ms_tensor_free(wide);
  ms_tensor_free(folded);
  return g;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const convolve *a = ms_node_attributes(node);
  ms_tensor *in[] = { ms_node_saved(node, 0), ms_node_saved(node, 1) };
  ms_tensor *x = turn(in[0], a->turned_x), *h = x ? turn(in[1], a->turned_h) : NULL;
  rows r = { 0 };
  int status = h ? rows_of(x->ndim, x->dim, h->ndim, h->dim, &r) : -1;
  size_t *own = status == 0 ? ms_alloc((r.count + 1) * sizeof *own) : NULL;
  if (!own) status = -1;
  for (size_t i = 0; own && i < r.count; i++) own[i] = i;
  for (int side = 0; side < 2 && status == 0; side++) {
    if (!ms_needs_input_grad(node, side)) continue;
    const ms_tensor *other = side ? x : h, *self = side ? h : x;
    const size_t n = other->dim[other->ndim - 1];
    ms_sliding s = { .rows = r.count, .nx = (size_t)a->points, .nh = n,
                     .ny = self->dim[self->ndim - 1], .offset = (ptrdiff_t)(n - 1 - a->offset),
                     .x = gy->data, .h = other->data, .reversed = 1, .method = a->method,
                     .x_of = own, .h_of = side ? r.x : r.h };
    gx[side] = gradient(&s, &r, self->ndim, self->dim, side ? a->turned_h : a->turned_x);
    if (!gx[side]) status = -1;
  }
  ms_tensor_free(x);
  ms_tensor_free(h);
  ms_free(r.x);
  ms_free(own);
  return status;
}

/* The convolution of what forward has checked. */
static ms_tensor *run(const convolve *a, const ms_tensor *x, const ms_tensor *h, const rows *r)
{
  ms_tensor *y = of_batch(r, (size_t)a->points);
  if (!y) return NULL;
  const ms_sliding s = { .rows = r->count, .nx = x->dim[x->ndim - 1], .nh = h->dim[h->ndim - 1],
                         .ny = (size_t)a->points, .offset = (ptrdiff_t)a->offset, .x = x->data,
                         .h = h->data, .method = a->method, .x_of = r->x, .h_of = r->h,
                         .y = y->data };
  if (ms_slide(&s) == 0) return y;
  ms_tensor_free(y);
  return NULL;
}

static ms_tensor *forward(const ms_call *c)
{
  const convolve *a = c->attributes;
  const ms_tensor *in[] = { c->input[0], c->input[1] };
  char p[MS_SHAPE_TEXT], q[MS_SHAPE_TEXT];
  rows r = { 0 };
  for (int i = 0; i < 2; i++)
    if (in[i]->ndim < 1 || !in[i]->dim[in[i]->ndim - 1])
      return ms_fail("convolve: signals with an axis of 1 or more numbers are expected, got %s and "
                     "%s", ms_shape_text(in[0]->ndim, in[0]->dim, p),
                     ms_shape_text(in[1]->ndim, in[1]->dim, q)), NULL;
  if (a->points < 1 || a->points > (uint64_t)1 << 44 || a->offset > (uint64_t)1 << 44)
    return ms_fail("convolve: points and offset are out of range"), NULL;
  ms_tensor *x = turn(c->input[0], a->turned_x), *h = x ? turn(c->input[1], a->turned_h) : NULL;
  ms_tensor *y = NULL;
  if (h && rows_of(x->ndim, x->dim, h->ndim, h->dim, &r) == 0) y = run(a, x, h, &r);
  ms_free(r.x);
  ms_tensor_free(x);
  ms_tensor_free(h);
  return ms_record(c, y, 2, c->input);
}

/* core.internal.convolve(x, h, offset, points, turned_x, turned_h, method) -> points of the full
   convolution of the last axes from `offset` on, x or h taken from its end. */
static const ms_op convolve_op = {
  .name = "convolve", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(convolve),
  .takes = { MS_TENSOR(x), MS_TENSOR(h), MS_INTEGER(convolve, offset, 0),
             MS_INTEGER(convolve, points, 1), MS_FLAG(convolve, turned_x, 0),
             MS_FLAG(convolve, turned_h, 0), MS_CHOICE(convolve, method, methods, 0) },
};
MS_OPERATOR(convolve_op)
