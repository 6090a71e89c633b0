/* Connectionist temporal classification: the probability of a label sequence over all its
   alignments. */
#ifndef MS_CTC_SUMS_H
#define MS_CTC_SUMS_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_ctc {
  const real *y; /* batch x time x classes: log-probabilities */
  size_t batch, time, classes, most, blank;
  const real *labels;         /* batch x most: classes from 1 */
  const real *steps, *counts; /* batch: of the time and of the labels, or NULL: all of them */
  int zero_infinity;          /* a sequence that no alignment gives costs nothing */
  double *loss;               /* batch */
  real *gradient;             /* as y: of the loss; or NULL */
  _Atomic int failed;         /* no memory */
} ms_ctc;

typedef struct __attribute__((designated_init)) ms_ctc_sums_kernels {
  int (*run)(ms_ctc *c); /* fills loss and gradient; 0, or -1 and a message */
} ms_ctc_sums_kernels;

const ms_ctc_sums_kernels *ms_k_ctc_sums(void);

#endif
