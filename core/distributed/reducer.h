/* Gradients of a model summed over all processes: a bucket is sent off as soon as backward has
   finished with all of its parameters, and goes on its way during the rest. */
#ifndef MS_REDUCER_H
#define MS_REDUCER_H

#include "../base/share/share.h"
#include "../grad/grad.h"

typedef struct ms_reducer ms_reducer;

typedef struct ms_reducer_times {
  double summing; /* seconds in which some bucket was on its way */
  double waiting; /* of these, what was waited for at the end */
  size_t bytes, buckets;
} ms_reducer_times;

/* Over `count` parameters in the order in which they are used; buckets of so many bytes; overlap:
   whether buckets leave during backward, else behind it. NULL and a message. */
ms_reducer *ms_reducer_new(int count, ms_tensor *const *parameter, size_t bucket_bytes,
                           int overlap);
void ms_reducer_free(ms_reducer *r);

/* The micro-batches of a step here, `count` of them, fixed: whether they stand in a tree of
   micro-batches. run(with, i) computes number i and sweeps back. Afterwards each parameter has the
   sum of its gradients over all of them, here and in the other processes, added to its gradient.
   shares: of each micro-batch; `sum` and `with` are filled in. 0, or -1 and a message. */
int ms_reducer_step(ms_reducer *r, int count, ms_share *shares, int fixed,
                    int (*run)(void *with, int i), void *with);

ms_reducer_times ms_reducer_last(const ms_reducer *r);

#endif
