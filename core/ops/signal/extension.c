/* Signals made longer at both ends, as filtfilt wants them. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"

/* Samples beyond the edges: 2 edge - mirrored (odd), mirrored (even), or the edge (constant). */
static const char *const kinds[] = { "odd", "even", "constant", NULL };
enum { ODD, EVEN, CONSTANT };

typedef struct extension {
  size_t by;
  int kind;
} extension;

/* The sample that stands k beyond an edge (k from 1), seen inwards from it by `step`. */
static real beyond(int kind, const real *edge, ptrdiff_t step, size_t k)
{
  if (kind == CONSTANT) return *edge;
  const real mirrored = edge[step * (ptrdiff_t)k];
  return kind == EVEN ? mirrored : 2 * *edge - mirrored;
}

static void beyond_back(int kind, real *edge, ptrdiff_t step, size_t k, real g)
{
  if (kind != EVEN) *edge += kind == ODD ? 2 * g : g;
  if (kind != CONSTANT) edge[step * (ptrdiff_t)k] += kind == ODD ? -g : g;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const extension *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim), n = dim[ndim - 1], wide = n + 2 * a->by;
  if (!(gx[0] = ms_tensor_zeros(ndim, dim))) return -1;
  for (size_t row = 0; row * n < gx[0]->count; row++) {
    real *x = gx[0]->data + row * n;
    const real *y = gy->data + row * wide + a->by;
    memcpy(x, y, n * sizeof *x);
    for (size_t k = 1; k <= a->by; k++) {
      beyond_back(a->kind, x, 1, k, y[-(ptrdiff_t)k]);
      beyond_back(a->kind, x + n - 1, -1, k, y[n - 1 + k]);
    }
  }
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const extension *a = c->attributes;
  const size_t n = x->ndim ? x->dim[x->ndim - 1] : 0, wide = n + 2 * a->by;
  if (n <= a->by)
    return ms_fail("filtfilt: signals must be longer than the %zu samples that are put in front "
                   "and behind, got %zu", a->by, n), NULL;
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, x->dim, sizeof dim);
  dim[x->ndim - 1] = wide;
  ms_tensor *y = ms_tensor_new(x->ndim, dim);
  for (size_t row = 0; y && row * n < x->count; row++) {
    const real *from = x->data + row * n;
    real *to = y->data + row * wide + a->by;
    memcpy(to, from, n * sizeof *to);
    for (size_t k = 1; k <= a->by; k++) {
      to[-(ptrdiff_t)k] = beyond(a->kind, from, 1, k);
      to[n - 1 + k] = beyond(a->kind, from + n - 1, -1, k);
    }
  }
  return ms_record(c, y, 0, NULL);
}

/* core.internal.extension(x, by, kind) -> x (..., n) with so many samples more at both ends. */
static const ms_op extension_op = {
  .name = "extension", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(extension),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(extension, by), MS_CHOICE(extension, kind, kinds, 0) },
};
MS_OPERATOR(extension_op)
