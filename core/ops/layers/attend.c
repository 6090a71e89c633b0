/* Attention: of tokens to each other, and to those of another sequence. */
#include <string.h>

#include "../../base/error.h"
#include "../../kernels/attention.h"
#include "../ops.h"

typedef struct attention {
  size_t heads;
  int causal;
  double dropout;
  uint64_t seed, stream;
} attention;

/* ---- masks ---- */
/* The steps of a mask (query, key), (batch, query, key) or (batch, head, query, key), in which a
   size but the last may be 1 for all. */
static int take_mask(ms_attention *a, const ms_tensor *mask)
{
  char text[MS_SHAPE_TEXT];
  const size_t full[] = { a->batch, a->heads, a->queries, a->keys };
  size_t dim[] = { 1, 1, 1, 0 }, step[4];
  const int n = mask->ndim;
  int fits = n >= 2 && n <= 4;
  for (int d = 0; fits && d < n; d++) dim[n == 3 && !d ? 0 : 4 - n + d] = mask->dim[d];
  for (int d = 0; d < 4; d++) fits = fits && (dim[d] == full[d] || (d < 3 && dim[d] == 1));
  if (!fits)
    return ms_fail("attention: the mask must be queries x keys, batch x queries x keys or batch x "
                   "heads x queries x keys of %zux%zux%zux%zu, 1 for all, got %s", a->batch,
                   a->heads, a->queries, a->keys, ms_shape_text(n, mask->dim, text));
  for (size_t i = 0; i < mask->count; i++)
    if (mask->data[i] != 0 && mask->data[i] != 1)
      return ms_fail("attention: masks hold 1 where a key may be seen and 0 elsewhere, got %g",
                     (double)mask->data[i]);
  step[3] = 1;
  for (int d = 2; d >= 0; d--) step[d] = step[d + 1] * dim[d + 1];
  a->mask = mask->data;
  a->mask_batch = dim[0] == 1 ? 0 : step[0];
  a->mask_head = dim[1] == 1 ? 0 : step[1];
  a->mask_query = dim[2] == 1 ? 0 : step[2];
  return 0;
}

/* ---- what is attended to ---- */
/* x holds (queries and) keys and values side by side; q the queries, or NULL. */
static ms_attention sides(const ms_tensor *q, const ms_tensor *x, const attention *o)
{
  const size_t parts = q ? 2 : 3, dim = x->dim[2] / parts, row = x->dim[2];
  const real *keys = q ? x->data : x->data + dim;
  return (ms_attention){ .batch = x->dim[0],
                         .queries = q ? q->dim[1] : x->dim[1],
                         .keys = x->dim[1],
                         .dim = dim,
                         .heads = o->heads,
                         .q = q ? q->data : x->data,
                         .k = keys,
                         .v = keys + dim,
                         .q_row = q ? dim : row,
                         .k_row = row,
                         .causal = o->causal,
                         .dropout = o->dropout,
                         .seed = o->seed,
                         .stream = o->stream };
}

static int check(const char *who, const ms_tensor *x, size_t parts, const attention *o)
{
  char text[MS_SHAPE_TEXT];
  if (x->ndim != 3)
    return ms_fail("%s: %s, got %s", who,
                   parts == 3 ? "x must be batch x token x 3 dim (queries, keys, values)"
                              : "the memory must be batch x token x 2 dim (keys, values)",
                   ms_shape_text(x->ndim, x->dim, text));
  if (o->heads < 1 || o->heads > x->dim[2] || x->dim[2] % (parts * o->heads))
    return ms_fail("%s: %zu numbers to a token do not divide into %zu times %zu heads", who,
                   x->dim[2], parts, o->heads);
  if (!(o->dropout >= 0 && o->dropout < 1))
    return ms_fail("%s: dropout must be 0..1 (below 1), got %g", who, o->dropout);
  return 0;
}

static int check_queries(const ms_tensor *q, const ms_tensor *memory)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (q->ndim == 3 && q->dim[0] == memory->dim[0] && 2 * q->dim[2] == memory->dim[2]) return 0;
  return ms_fail("cross_attention: queries must be batch x token x dim for a memory of batch x "
                 "token x 2 dim, got %s and %s", ms_shape_text(q->ndim, q->dim, a),
                 ms_shape_text(memory->ndim, memory->dim, b));
}

/* ---- forward and back: inputs (queries,) what holds keys and values, mask ---- */
enum { QUERIES, MEMORY, MASK, Y, STATS, SAVED };

static ms_tensor *attend(const ms_call *c, ms_tensor *q, ms_tensor *x, ms_tensor *mask)
{
  ms_attention a = sides(q, x, c->attributes);
  if (mask && take_mask(&a, mask) != 0) return NULL;
  const size_t stats_dim[] = { a.batch, a.heads, 2, a.queries };
  ms_tensor *stats = ms_tensor_new(4, stats_dim);
  ms_tensor *y = stats ? ms_tensor_new(3, (size_t[]){ a.batch, a.queries, a.dim }) : NULL;
  if (y && !a.keys) memset(y->data, 0, y->count * sizeof *y->data);
  if (y && ms_k_attention()->forward(&a, y->data, stats->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  y = ms_record(c, y, SAVED, (ms_tensor *[]){ q, x, mask, y, stats });
  ms_tensor_free(stats);
  return y;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *q = ms_node_saved(node, QUERIES), *x = ms_node_saved(node, MEMORY),
      *mask = ms_node_saved(node, MASK);
  ms_attention a = sides(q, x, ms_node_attributes(node));
  const int of_memory = q ? 1 : 0;
  if (mask && take_mask(&a, mask) != 0) return -1;
  if (q && !(gx[0] = a.keys ? ms_tensor_like(q) : ms_tensor_zeros(q->ndim, q->dim))) return -1;
  ms_tensor *g = gx[of_memory] = a.queries ? ms_tensor_like(x) : ms_tensor_zeros(x->ndim, x->dim);
  if (!g) return -1;
  real *gk = q ? g->data : g->data + a.dim;
  return ms_k_attention()->back(&a, ms_node_saved(node, Y)->data, ms_node_saved(node, STATS)->data,
                                gy->data, q ? gx[0]->data : g->data, gk, gk + a.dim);
}

static ms_tensor *self(const ms_call *c)
{
  if (check("attention", c->input[0], 3, c->attributes) != 0) return NULL;
  return attend(c, NULL, c->input[0], c->input[1]);
}

static ms_tensor *cross(const ms_call *c)
{
  if (check("cross_attention", c->input[1], 2, c->attributes) != 0) return NULL;
  if (check_queries(c->input[0], c->input[1]) != 0) return NULL;
  return attend(c, c->input[0], c->input[1], c->input[2]);
}

/** qkv:attention(heads, [mask], [{causal = false, dropout = 0, seed = 0, stream = 0}]) -> (batch,
    token, dim) from queries, keys and values side by side in (batch, token, 3 dim), in each of them
    head after head: softmax(q k' / sqrt(dim / heads)) v of every head. mask: 1 where a key may be
    seen and 0 elsewhere, (query, key), (batch, query, key) or (batch, head, query, key), 1 in place
    of a size but the last for all; a query that sees no key gives 0. causal: none sees a key behind
    its own place. dropout: a share of the softmax's numbers is zeroed and the others divided by
    1 - dropout; which ones depends on seed, stream and the place. As PyTorch's
    scaled_dot_product_attention with a boolean mask */
static const ms_op attention_op = {
  .name = "attention", .forward = self, .backward = backward,
  .attributes = MS_ATTRIBUTES(attention),
  .takes = { MS_TENSOR(qkv), MS_THE_COUNT(attention, heads), MS_OPTIONAL(mask),
             MS_NAMED_FLAG(attention, causal, 0), MS_NAMED_NUMBER(attention, dropout, 0),
             MS_NAMED_INTEGER(attention, seed, 0), MS_NAMED_INTEGER(attention, stream, 0) },
};
MS_OPERATOR(attention_op)

/** q:cross_attention(memory, heads, [mask], [{causal = false, dropout = 0, seed = 0, stream = 0}])
    -> (batch, query, dim): queries (batch, query, dim) look at keys and values that lie side by
    side in memory (batch, key, 2 dim); the rest as x:attention */
static const ms_op cross_op = {
  .name = "cross_attention", .forward = cross, .backward = backward,
  .attributes = MS_ATTRIBUTES(attention),
  .takes = { MS_TENSOR(q), MS_TENSOR(memory), MS_THE_COUNT(attention, heads), MS_OPTIONAL(mask),
             MS_NAMED_FLAG(attention, causal, 0), MS_NAMED_NUMBER(attention, dropout, 0),
             MS_NAMED_INTEGER(attention, seed, 0), MS_NAMED_INTEGER(attention, stream, 0) },
};
MS_OPERATOR(cross_op)
