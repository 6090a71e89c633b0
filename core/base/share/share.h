/* The share of a batch that this thread computes, where other processes or micro-batches have the
   rest. Whoever needs something of the whole batch (statistics of batch norm, masks of dropout)
   asks here. */
#ifndef MS_SHARE_H
#define MS_SHARE_H

#include <stddef.h>

typedef struct ms_share {
  size_t first, count, total; /* clips first..first + count - 1 of so many; count 0: none, and what
                                 is computed stands for nothing */
  int follows;                /* moves running statistics on: one share of each process does */
  /* Adds x up over all shares, in all of them. 0, or -1 and a message. */
  int (*sum)(void *with, double *x, size_t n);
  void *with;
} ms_share;

/* NULL: the batch is here as a whole. */
const ms_share *ms_share_now(void);

/* From here on; what it was before. */
ms_share *ms_share_set(ms_share *share);

/* What follows belongs to another batch, of which this thread has these clips. */
void ms_share_cut(size_t first, size_t count, size_t total);

/* The sum over all shares, to which one of no clips adds nothing. 0, or -1 and a message. */
int ms_share_sum(double *x, size_t n);

#endif
