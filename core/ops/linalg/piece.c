/* One of several results that lie one after the other in a row. */
#include <string.h>

#include "../../base/error.h"
#include "../ops.h"

typedef struct piece {
  size_t first; /* its first number, from 1 */
  ms_sizes sizes;
} piece;

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const piece *a = ms_node_attributes(n);
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_zeros(ndim, dim);
  if (!gx[0]) return -1;
  memcpy(gx[0]->data + a->first - 1, gy->data, gy->count * sizeof *gy->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const piece *a = c->attributes;
  ms_tensor *row = c->input[0];
  size_t dim[MS_MAX_DIMS], count;
  for (int d = 0; d < a->sizes.count; d++) dim[d] = (size_t)a->sizes.size[d];
  if (ms_shape_count(a->sizes.count, dim, &count) != 0) return NULL;
  if (count > row->count || a->first - 1 > row->count - count)
    return ms_fail("piece: %zu numbers from the %zu-th on are more than the row has", count,
                   a->first), NULL;
  return ms_record(c, ms_tensor_part(row, a->sizes.count, dim, a->first - 1), 0, NULL);
}

/* core.internal.piece(row, first, sizes): shares the row's storage */
static const ms_op piece_op = {
  .name = "piece", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(piece),
  .takes = { MS_TENSOR(row), MS_THE_COUNT(piece, first), MS_THE_SIZES(piece, sizes) },
};
MS_OPERATOR(piece_op)
