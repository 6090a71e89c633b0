/* What operators that begin with a batch norm share: inputs begin with x, gamma, beta and running
   mean and variance, attributes with ms_batch_norm; they save x, stats, gamma first. */
#ifndef MS_BATCH_NORM_H
#define MS_BATCH_NORM_H

#include "../../../kernels/simd/affine_relu.h"
#include "../../ops.h"

/* Over all dimensions but the last, then leaky_relu with `slope` (1: none). Training: statistics of
   the batch, and running <- momentum running + (1 - momentum) batch (the variance with Bessel's
   correction). Otherwise the running statistics. */
typedef struct ms_batch_norm {
  int training;
  double epsilon, momentum, slope;
} ms_batch_norm;

#define MS_BATCH_NORM                                                                     \
  MS_NAMED_TENSOR(weight), MS_NAMED_TENSOR(bias), MS_NAMED_TENSOR(running_mean),          \
      MS_NAMED_TENSOR(running_var), MS_NAMED_FLAG(ms_batch_norm, training, 0),            \
      MS_NAMED_NUMBER(ms_batch_norm, slope, 1), MS_NAMED_NUMBER(ms_batch_norm, epsilon, 1e-3), \
      MS_NAMED_NUMBER(ms_batch_norm, momentum, 0.99)

/* Statistics per channel, one row each of a (MS_NORM_ROWS, channels) tensor. Of the row TIMES the
   first number alone: how many times as many rows the whole batch has, where this is a share. */
enum { MS_NORM_MEAN, MS_NORM_VARIANCE, MS_NORM_SCALE, MS_NORM_SHIFT, MS_NORM_TIMES, MS_NORM_ROWS };

static inline real *ms_norm_row(const ms_tensor *stats, int row)
{
  return stats->data + (size_t)row * stats->dim[1];
}

/* What the statistics make of x. */
ms_affine_relu ms_norm_folded(const ms_tensor *stats, const ms_batch_norm *a);

/* Checks x against the other tensors, moves the running statistics on while training, and gives
   the statistics, scale and shift of leaky(scale x + shift). NULL and a message on failure. */
ms_tensor *ms_norm_stats(const ms_call *c);

/* Backward in two passes: room for gamma's and beta's gradients in gx[1] and gx[2], and a work
   tensor (MS_NORM_WORK, channels); the first pass sums gz to gx[2] and gz (x - mean) to the row S1;
   the coefficients complete gx[1] and the rows A, B, C of the second pass
   (kernels/norms/norms.h): 0, or -1 and a message, where other shares of the batch are gone. */
enum { MS_NORM_S1, MS_NORM_A, MS_NORM_B, MS_NORM_C, MS_NORM_WORK };
ms_tensor *ms_norm_work(const ms_node *node, ms_tensor **gx);
int ms_norm_coefficients(const ms_node *node, ms_tensor **gx, ms_tensor *work);

/* Those of B or C that the second pass needs: NULL where mean and variance did not come from the
   batch. */
const real *ms_norm_following(const ms_node *node, const ms_tensor *work, int row);

/* From gy, the gradient of leaky(scale x + shift), the gradients of x, gamma and beta to gx[0..2];
   numbers of gy may be overwritten where nobody else holds it. 0, or -1 and a message. */
int ms_norm_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx);

#endif
