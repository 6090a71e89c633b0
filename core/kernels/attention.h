/* Attention of several heads over token sequences. */
#ifndef MS_ATTENTION_H
#define MS_ATTENTION_H

#include <stddef.h>

#include "../base/real.h"

typedef struct ms_attention_shape {
  size_t batch, tokens, dim, heads; /* dim = heads x the width of one */
} ms_attention_shape;

/* qkv (batch, token, 3 dim): queries, keys, values side by side, in each of them head after head.
   For every head: y = softmax(q k' / sqrt(width)) v, y (batch, token, dim). The softmax's matrix is
   not kept: stats (batch, head, 2, token) hold the largest score of every row and 1 / the sum of
   the exponentials, from which `back` makes it again, a block of rows at a time. 0, or -1 and a
   sentence. */
typedef struct __attribute__((designated_init)) ms_attention_kernels {
  int (*forward)(const ms_attention_shape *s, const real *qkv, real *y, real *stats);
  int (*back)(const ms_attention_shape *s, const real *qkv, const real *y, const real *stats,
              const real *gy, real *gqkv);
} ms_attention_kernels;

const ms_attention_kernels *ms_k_attention(void);

#endif
