/* Layers: owners of named parameters around operators. */
#ifndef MS_LAYER_H
#define MS_LAYER_H

#include <stdint.h>

#include "../ops/ops.h"

enum { MS_MAX_PARAMS = 4 };

typedef struct ms_layer ms_layer;

/* What a kind of layer is called and does; one constant per kind. */
typedef struct ms_layer_kind {
  const char *name;
  ms_tensor *(*forward)(ms_layer *l, ms_tensor *x); /* x: NULL where `source` */
  int source;                                       /* takes no input */
  int params;
  struct {
    const char *name;
    int trainable; /* or a running statistic */
  } param[MS_MAX_PARAMS];
} ms_layer_kind;

struct ms_layer {
  const ms_layer_kind *kind;
  ms_tensor *param[MS_MAX_PARAMS]; /* in the kind's order; NULL where left out (no bias) */
  int training;                    /* 1 at first */
  size_t stride_h, stride_w;       /* conv2d */
  int same;
  ms_batch_norm_options norm;      /* batch_norm */
  double rate;                     /* dropout */
  double epsilon;                  /* layer_norm */
  double deviation;                /* parameter */
  size_t heads;                    /* attention */
  uint64_t seed, stream;           /* of what is drawn */
  int due;                         /* kernels are drawn when they are first asked for */
};

/* All kernels start Glorot-uniform (Keras' default): +-sqrt(6 / (fan in + fan out)), drawn from
   (seed, stream); biases start at 0. NULL and a sentence on failure. */

/* 2-D convolution kh x kw, `in` to `out` channels; same: zeros around. */
ms_layer *ms_conv2d_layer(size_t kh, size_t kw, size_t in, size_t out, int bias, uint64_t seed,
                          uint64_t stream);

/* Transposed convolution 2 x 2 of stride 2. */
ms_layer *ms_conv_transpose2d_layer(size_t in, size_t out, uint64_t seed, uint64_t stream);

/* Batch norm over `channels`, then leaky_relu with options.slope (1: none). gamma 1, beta 0,
   running mean 0, running variance 1. */
ms_layer *ms_batch_norm_layer(size_t channels, const ms_batch_norm_options *options);

/* y = x weight + bias; weight (in, out). */
ms_layer *ms_linear_layer(size_t in, size_t out, int bias, uint64_t seed, uint64_t stream);

/* Layer norm over the last dimension; gamma 1, beta 0. */
ms_layer *ms_layer_norm_layer(size_t channels, double epsilon);

/* Attention of `heads` heads between linear layers: dim to 3 dim (queries, keys, values), and dim to
   dim; x (batch, token, dim). */
ms_layer *ms_attention_layer(size_t dim, size_t heads, uint64_t seed, uint64_t stream);

/* A tensor that is learnt and depends on nothing: forward returns it. Starts normal around 0 (not
   truncated: at 0.02, a draw beyond two deviations does no harm). */
ms_layer *ms_parameter_layer(int ndim, const size_t *dim, double deviation, uint64_t seed,
                             uint64_t stream);

/* Zeroes a share of its input while training; the mask is a function of (seed, stream, the step
   of base/rng.h). */
ms_layer *ms_dropout_layer(double rate, uint64_t seed, uint64_t stream);

ms_tensor *ms_layer_forward(ms_layer *l, ms_tensor *x);

/* conv2d(batch_norm(x)) as one operator: the numbers in between are never stored. */
ms_tensor *ms_layer_after(ms_layer *l, const ms_layer *norm, ms_tensor *x);
/* max_pool2d(batch_norm(x)) likewise. */
ms_tensor *ms_layer_max_pool2d(const ms_layer *norm, ms_tensor *x, size_t ph, size_t pw);
void ms_layer_free(ms_layer *l);

/* The i-th parameter, or NULL where it was left out: borrowed. */
ms_tensor *ms_layer_param(ms_layer *l, int i);

/* Draws the kernels again from (seed, stream) and sets everything else to its start. */
void ms_layer_reset(ms_layer *l, uint64_t seed, uint64_t stream);

#endif
