/* The share of a batch that this thread computes. */
#include "share.h"

static _Thread_local ms_share *now;

const ms_share *ms_share_now(void)
{
  return now;
}

ms_share *ms_share_set(ms_share *share)
{
  ms_share *before = now;
  now = share;
  return before;
}

void ms_share_cut(size_t first, size_t count, size_t total)
{
  if (!now) return;
  now->first = first;
  now->count = count;
  now->total = total;
}

int ms_share_sum(double *x, size_t n)
{
  if (!now) return 0;
  /* -0 and not 0: a sum of -0 keeps its sign, whoever takes part */
  for (size_t i = 0; i < n && now->count == 0; i++) x[i] = -0.0;
  return now->sum(now->with, x, n);
}
