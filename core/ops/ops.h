/* Differentiable operators. Each returns a new tensor, or NULL and a sentence. */
#ifndef MS_OPS_H
#define MS_OPS_H

#include <stdint.h>

#include "../grad/grad.h"
#include "../kernels/elementwise.h"

/* unary.c: number by number; kind: MS_UNARY_exp or another row of kernels/unary.def, p: its
   parameter, if it has one */
ms_tensor *ms_unary(ms_unary_kind kind, ms_tensor *x, double p);
ms_tensor *ms_neg(ms_tensor *x);
ms_tensor *ms_affine(ms_tensor *x, double scale, double offset); /* scale x + offset */

/* binary.c: number by number, sizes of 1 stretch, aligned at the last dimension; kind:
   MS_BINARY_add or another row of kernels/binary.def */
ms_tensor *ms_binary(ms_binary_kind kind, ms_tensor *a, ms_tensor *b);

/* reduce.c: axis 0-based, which disappears; -1: all, to one number */
ms_tensor *ms_sum(ms_tensor *x, int axis);
ms_tensor *ms_mean(ms_tensor *x, int axis);

/* rearrange.c */
ms_tensor *ms_clone(ms_tensor *x); /* with storage of its own */
ms_tensor *ms_reshape(ms_tensor *x, int ndim, const size_t *dim);
ms_tensor *ms_slice(ms_tensor *x, int axis, size_t first, size_t count);
ms_tensor *ms_concat(int n, ms_tensor *const *x, int axis);
ms_tensor *ms_permute(ms_tensor *x, const int *order); /* y's dimension d is x's order[d] */

/* matmul.c */
ms_tensor *ms_matmul(ms_tensor *a, ms_tensor *b); /* (..., m, k) (k, n), or batches of both */
/* (in, out); bias or NULL */
ms_tensor *ms_linear(ms_tensor *x, ms_tensor *weight, ms_tensor *bias);

/* conv2d.c: images (batch, time, frequency, channel), weight (kh, kw, in, out), bias or NULL.
   `same`: zeros around, so that the output has ceil(size / stride) places; otherwise none. */
ms_tensor *ms_conv2d(ms_tensor *x, ms_tensor *weight, ms_tensor *bias, size_t stride_h,
                     size_t stride_w, int same);

/* conv_transpose2d.c: transposed convolution 2x2 of stride 2; weight (2, 2, in, out) */
ms_tensor *ms_conv_transpose2d(ms_tensor *x, ms_tensor *weight, ms_tensor *bias);

/* pool2d.c: windows of ph x pw side by side */
ms_tensor *ms_max_pool2d(ms_tensor *x, size_t ph, size_t pw);
ms_tensor *ms_avg_pool2d(ms_tensor *x, size_t ph, size_t pw);

/* batch_norm.c: over all dimensions but the last, then leaky_relu with `slope` (1: none).
   Training: statistics of the batch, and running <- momentum running + (1 - momentum) batch
   (the variance with Bessel's correction). Otherwise the running statistics. */
typedef struct ms_batch_norm_options {
  int training;
  double epsilon, momentum, slope;
} ms_batch_norm_options;
typedef struct ms_norm {
  ms_tensor *gamma, *beta, *running_mean, *running_var;
  ms_batch_norm_options o;
} ms_norm;
ms_tensor *ms_batch_norm(ms_tensor *x, const ms_norm *norm);

/* conv2d.c: ms_conv2d of ms_batch_norm, whose numbers are made as they are read and never stored */
ms_tensor *ms_norm_conv2d(ms_tensor *x, const ms_norm *norm, ms_tensor *weight, ms_tensor *bias,
                          size_t stride_h, size_t stride_w, int same);

/* pool2d.c: ms_max_pool2d of ms_batch_norm, whose numbers are never stored */
ms_tensor *ms_norm_max_pool2d(ms_tensor *x, const ms_norm *norm, size_t ph, size_t pw);

/* layer_norm.c: over the last dimension, gamma and beta of its size */
ms_tensor *ms_layer_norm(ms_tensor *x, ms_tensor *gamma, ms_tensor *beta, double epsilon);

/* tokens.c */
ms_tensor *ms_softmax(ms_tensor *x); /* over the last dimension */
/* (batch, token, 3 dim): queries, keys, values, in each of them head after head
   -> (batch, token, dim): softmax(q k' / sqrt(dim / heads)) v of every head */
ms_tensor *ms_attention(ms_tensor *qkv, size_t heads);

/* dropout.c: zeros a share p and scales the rest by 1/(1-rate); a function of (seed,
   stream) */
ms_tensor *ms_dropout(ms_tensor *x, double p, uint64_t seed, uint64_t stream);

/* losses.c: means over everything, one number */
ms_tensor *ms_l1_loss(ms_tensor *y, ms_tensor *target);
ms_tensor *ms_mse_loss(ms_tensor *y, ms_tensor *target);
ms_tensor *ms_bce_with_logits(ms_tensor *logits, ms_tensor *target);
/* (batch, class), (batch): 1..classes */
ms_tensor *ms_cross_entropy(ms_tensor *logits, ms_tensor *target);

/* spectral.c: TensorFlow's convention (audio/spectrum/stft.h): window 512, hop 160 */
ms_tensor *ms_stft_op(ms_tensor *wave);      /* (..., samples) -> (..., frames, 257, 2) */
ms_tensor *ms_istft_op(ms_tensor *spectrum); /* (..., frames, 257, 2) -> (..., samples) */
ms_tensor *ms_magnitude_op(ms_tensor *wave); /* (..., samples) -> (..., frames, 256) */
/* spectrum (batch, frames, 257, 2) times each mask of (batch, frames, 256, sources)
   -> (batch, sources, frames, 257, 2); the Nyquist bin passes unmasked */
ms_tensor *ms_mask_spectrum(ms_tensor *spectrum, ms_tensor *mask);

#endif
