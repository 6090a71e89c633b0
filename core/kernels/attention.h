/* Attention of several heads over token sequences. */
#ifndef MS_ATTENTION_H
#define MS_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "../base/real.h"

/* Queries, keys and values: tokens of dim numbers, head after head, each token `row` numbers after
   the one before: dim where they lie alone, more where they lie side by side. */
typedef struct ms_attention {
  size_t batch, queries, keys, dim, heads; /* dim = heads x the width of one */
  const real *q, *k, *v;
  size_t q_row, k_row; /* values lie as keys do */
  const real *mask; /* NULL, or 1 where a key may be seen, along a row for each query; steps from */
  size_t mask_batch, mask_head, mask_query; /* one batch, head, query to the next: 0 for the same */
  int causal; /* a query sees no key behind its own place */
  double dropout; /* the share of the softmax's numbers that is zeroed; which ones depends on */
  uint64_t seed, stream; /* these and the place */
} ms_attention;

/* In full precision, whatever other products are in. For every head: y = softmax(q k' /
   sqrt(width)) v, y (batch, query, dim); 0 where a query sees no key. The softmax's matrix is not
   kept: stats (batch, head, 2, query) hold the largest score of every row and 1 / the sum of the
   exponentials, from which `back` makes it again, a tile at a time. gq, gk and gv lie as q, k
   and v do. 0, or -1 and a message. */
typedef struct __attribute__((designated_init)) ms_attention_kernels {
  int (*forward)(const ms_attention *a, real *y, real *stats);
  int (*back)(const ms_attention *a, const real *y, const real *stats, const real *gy, real *gq,
              real *gk, real *gv);
} ms_attention_kernels;

const ms_attention_kernels *ms_k_attention(void);

#endif
