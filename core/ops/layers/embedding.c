/* Embeddings: rows of a table by their positions; gradients add up in the order of positions. */
#include <string.h>

#include "../../base/error.h"
#include "../choose/positions.h"
#include "../ops.h"

typedef struct embedding {
  size_t padding; /* the row that learns nothing; 0: none */
} embedding;

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const embedding *a = ms_node_attributes(node);
  const ms_tensor *index = ms_node_saved(node, 0);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  ms_gathering g;
  if (!(gx[0] = ms_tensor_zeros(ndim, dim))) return -1;
  ms_gathering_slices(ndim, dim, 0, index->count, &g);
  if (gy->count)
    ms_k_gathering()->scatter(&g, MS_SCATTER_ADD, index->data, gx[0]->data, gy->data, 1);
  if (a->padding)
    memset(gx[0]->data + (a->padding - 1) * dim[1], 0, dim[1] * sizeof *gx[0]->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *weight = c->input[0], *index = c->input[1];
  const embedding *a = c->attributes;
  char text[MS_SHAPE_TEXT];
  size_t dim[MS_MAX_DIMS];
  if (weight->ndim != 2)
    return ms_fail("embedding: the weight must be rows x dim, got %s",
                   ms_shape_text(weight->ndim, weight->dim, text)), NULL;
  if (a->padding > weight->dim[0])
    return ms_fail("embedding: padding is row %zu of %zu", a->padding, weight->dim[0]), NULL;
  if (index->ndim == MS_MAX_DIMS)
    return ms_fail("embedding: positions have at most %d dimensions", MS_MAX_DIMS - 1), NULL;
  if (ms_positions_check(c, 1, weight->dim[0]) != 0) return NULL;
  memcpy(dim, index->dim, sizeof dim);
  dim[index->ndim] = weight->dim[1];
  ms_tensor *y = ms_tensor_new(index->ndim + 1, dim);
  ms_gathering g;
  ms_gathering_slices(weight->ndim, weight->dim, 0, index->count, &g);
  if (y && y->count) ms_k_gathering()->gather(&g, index->data, weight->data, y->data);
  return ms_record(c, y, 1, &index);
}

/** weight:embedding(index, [{padding = none}]) -> the rows of weight (rows, dim) at these
    positions, whole numbers from 1 (negative ones from the end): (..., dim) for an index of any
    shape. padding: a row that takes no gradient, as PyTorch's padding_idx */
static const ms_op embedding_op = {
  .name = "embedding", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(embedding),
  .takes = { MS_TENSOR(weight), MS_TENSOR(index),
             MS_NAMED_COUNT(embedding, padding, 0) },
};
MS_OPERATOR(embedding_op)
