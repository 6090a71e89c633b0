/* Counting numbers in bins, and looking them up in sorted lists. */
#include "counting.h"

#include <stdint.h>
#include <string.h>

#include "../../base/memory.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

enum { PIECE = 1 << 16, SHARES = 16, MANY = 1 << 16, SOME = 1 << 12, FEW = 1 << 10 };

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
   Those of numbers outside are `count`. */
MS_INLINE void between_edges(const real *restrict edges, const real *restrict x, size_t n,
                             size_t count, double scale, int32_t *restrict at)
{
  const int32_t last = (int32_t)count - 1;
  const real first = edges[0], end = edges[count];
  for (size_t i = 0; i < n; i++) {
    const real v = x[i];
    const int inside = (v >= first) & (v <= end);
    int32_t k = (int32_t)(((double)(inside ? v : first) - (double)first) * scale);
    k = k < last ? k : last;
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

/* ---- sorted lists ---------------------------------------------------------------------------- */
enum { REGISTERS = 2, TOGETHER = REGISTERS * MS_LANES }; /* values */

/* Places in a list, as wide as its numbers. */
#ifdef MS_DOUBLE
typedef int64_t list_place;
#else
typedef int32_t list_place;
#endif
typedef list_place places __attribute__((vector_size(MS_VEC_BYTES), may_alias));

typedef struct lookup {
  const real *sorted, *values;
  real *at;
  size_t n, m, lines;
  int one_list, right;
} lookup;

MS_INLINE vec read_places(const real *x, places at)
{
#if defined(__AVX512F__) && !defined(MS_DOUBLE)
  return (vec)_mm512_i32gather_ps((__m512i)at, x, sizeof *x);
#elif defined(__AVX2__) && !defined(MS_DOUBLE)
  return (vec)_mm256_i32gather_ps(x, (__m256i)at, sizeof *x);
#else
  vec v;
  for (int k = 0; k < MS_LANES; k++) v[k] = x[at[k]];
  return v;
#endif
}

/* Moves on by `step` where the number there stands before the value: without a branch, whose way
   nothing could foresee. */
MS_INLINE void move_on(const real *there, size_t step, const vec v[REGISTERS], int right,
                       places at[REGISTERS])
{
  MS_UNROLL
  for (int k = 0; k < REGISTERS; k++) {
    const vec s = read_places(there, at[k]);
    const places stays = right ? s > v[k] : s >= v[k];
    at[k] += (list_place)step & ~stays;
  }
}

/* How many of the sorted numbers stand before each of TOGETHER values: halves for all at once, so
   that none waits for another. */
MS_INLINE void before(const real *sorted, size_t n, const real *values, int right, real *to)
{
  places at[REGISTERS] = { 0 };
  vec v[REGISTERS];
  const int any = n > 0;
  memcpy(v, values, sizeof v);
  for (size_t half = n / 2; n > 1; n -= half, half = n / 2)
    move_on(sorted + half - 1, half, v, right, at);
  if (any) move_on(sorted, 1, v, right, at);
  for (int k = 0; k < TOGETHER; k++) to[k] = (real)(at[k / MS_LANES][k % MS_LANES] + 1);
}

/* The same of `count` values, fewer than TOGETHER. */
static void before_few(const real *sorted, size_t n, const real *values, size_t count, int right,
                       real *to)
{
  real some[TOGETHER] = { 0 }, at[TOGETHER];
  memcpy(some, values, count * sizeof *some);
  before(sorted, n, some, right, at);
  memcpy(to, at, count * sizeof *to);
}

static void search_some(void *arg, size_t chunk)
{
  const lookup *l = arg;
  const size_t all = l->m * l->lines, end = (chunk + 1) * SOME < all ? (chunk + 1) * SOME : all;
  for (size_t i = chunk * SOME, count; i < end; i += count) {
    const size_t left = l->one_list ? end - i : l->m - i % l->m;
    const real *sorted = l->one_list ? l->sorted : l->sorted + i / l->m * l->n;
    count = left < end - i ? left : end - i;
    count = count < TOGETHER ? count : TOGETHER;
    if (count == TOGETHER) before(sorted, l->n, l->values + i, l->right, l->at + i);
    else before_few(sorted, l->n, l->values + i, count, l->right, l->at + i);
  }
}

static void search(const real *sorted, size_t n, const real *values, size_t m, size_t lines,
                   int one_list, int right, real *at)
{
  lookup l = { sorted, values, at, n, m, lines, one_list, right };
  ms_parallel((m * lines + SOME - 1) / SOME, search_some, &l);
}

const ms_counting_kernels MS_K(counting) = { .count = count, .search = search };
