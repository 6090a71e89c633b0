/* Counting numbers in bins. */
#include "counting.h"

#include <stdint.h>
#include <string.h>

#include "../../base/memory.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { PIECE = 1 << 16, SHARES = 16, MANY = 1 << 16, FEW = 1 << 10 };

/* ---- bins: each share of the numbers has counts of its own, which are added in order --------- */
typedef struct bins {
  const real *x, *weights, *edges;
  size_t n, share, bins;
  double *counts; /* (shares, bins) */
} bins;

/* Bins to a number from the first edge on. */
static double scale_of(const bins *b)
{
  return b->edges ? (double)b->bins / ((double)b->edges[b->bins] - (double)b->edges[0]) : 0;
}

enum { STRETCH = 256, TABLES = 4 };

/* The bins of a stretch: by arithmetic, then by the edges themselves, in a loop that makes vectors.
   Those of numbers outside are `count`. Where all edges are one number, which is inside, arithmetic
   gives NaN and stands for the last bin. */
MS_INLINE void between_edges(const real *restrict edges, const real *restrict x, size_t n,
                             size_t count, double scale, int32_t *restrict at)
{
  const int32_t last = (int32_t)count - 1;
  const real first = edges[0], end = edges[count];
  for (size_t i = 0; i < n; i++) {
    const real v = x[i];
    const int inside = (v >= first) & (v <= end);
    const double along = ((double)(inside ? v : first) - (double)first) * scale;
    const int32_t k = (int32_t)(along < (double)last ? along : (double)last);
    const int32_t below = v < edges[k], above = (k < last) & (v >= edges[k + 1]);
    at[i] = inside ? k + above - below : last + 1;
  }
}

static void bins_of(const bins *b, size_t from, size_t n, int32_t at[STRETCH])
{
  const real *x = b->x + from;
  if (b->edges) between_edges(b->edges, x, n, b->bins, scale_of(b), at);
  else for (size_t i = 0; i < n; i++) at[i] = (int32_t)x[i] - 1;
}

/* Few bins, each number worth 1: neighbours count in tables of their own, so that none waits for
   the one before, which is often of the same bin. A share has fewer than 2^32 numbers. */
static void count_ones(const bins *b, size_t from, size_t end, double *counts)
{
  uint32_t table[TABLES][FEW + 1];
  int32_t at[STRETCH];
  for (size_t t = 0; t < TABLES; t++) memset(table[t], 0, (b->bins + 1) * sizeof *table[t]);
  for (; from < end; from += STRETCH) {
    const size_t n = ms_least(end - from, STRETCH);
    bins_of(b, from, n, at);
    for (size_t i = 0; i < n; i++) table[i % TABLES][at[i]]++;
  }
  for (size_t k = 0; k < b->bins; k++)
    counts[k] = (double)table[0][k] + table[1][k] + table[2][k] + table[3][k];
}

static void count_worth(const bins *b, size_t from, size_t end, double *counts)
{
  int32_t at[STRETCH];
  memset(counts, 0, b->bins * sizeof *counts);
  for (; from < end; from += STRETCH) {
    const size_t n = ms_least(end - from, STRETCH);
    bins_of(b, from, n, at);
    for (size_t i = 0; i < n; i++)
      if ((size_t)at[i] < b->bins) counts[at[i]] += b->weights ? (double)b->weights[from + i] : 1;
  }
}

static void count_share(void *arg, size_t share)
{
  const bins *b = arg;
  const size_t from = ms_least(share * b->share, b->n), end = ms_least(from + b->share, b->n);
  double *counts = b->counts + share * b->bins;
  if (b->weights || b->bins > FEW || b->share > UINT32_MAX) count_worth(b, from, end, counts);
  else count_ones(b, from, end, counts);
}

static int count(const real *x, const real *weights, size_t n, const real *edges, size_t many,
                 real *counts)
{
  const size_t shares = n < PIECE || many > MANY ? 1 : SHARES;
  bins b = { x, weights, edges, n, (n + shares - 1) / shares, many, NULL };
  b.counts = ms_alloc(shares * many * sizeof *b.counts);
  if (!b.counts) return -1;
  ms_parallel(shares, count_share, &b);
  for (size_t k = 0; k < many; k++) {
    double sum = 0;
    for (size_t s = 0; s < shares; s++) sum += b.counts[s * many + k];
    counts[k] = (real)sum;
  }
  ms_free(b.counts);
  return 0;
}

const ms_counting_kernels MS_K(counting) = { .count = count };
