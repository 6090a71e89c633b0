/* Attention of several heads over token sequences: a chunk is one head of one sequence, and takes
   its queries in blocks, so that a block of scores stays in the cache. */
#include "attention.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/profile.h"
#include "../base/rng.h"
#include "../base/thread_pool.h"
#include "gemm/gemm.h"
#include "philox.h"
#include "simd/row_reduce.h"

enum { MOST_QUERIES = 192 };

typedef struct job {
  ms_attention a;
  const real *gy, *y;
  real *out, *stats, *gq, *gk, *gv;
  real scale;
  size_t width, step; /* of a head; queries to a block, cut evenly */
  atomic_int failed;
} job;

/* products: of a head's queries x width with queries x keys */
static int run(job *j, void (*work)(void *, size_t), double products)
{
  const ms_attention *a = &j->a;
  if (!a->batch || !a->queries || !a->keys || !a->dim) return 0;
  size_t blocks = (a->queries + MOST_QUERIES - 1) / MOST_QUERIES;
  j->width = a->dim / a->heads;
  j->step = (a->queries + blocks - 1) / blocks;
  j->scale = (real)(1 / sqrt((double)j->width));
  if (ms_profile_on)
    ms_profile_work(products * 2 * (double)a->batch * (double)a->dim * (double)a->queries *
                    (double)a->keys);
  ms_parallel(a->batch * a->heads, work, j);
  return atomic_load(&j->failed) ? ms_fail("attention: no memory for a block of scores") : 0;
}

/* Where a head of a sequence starts: among queries, keys (and values), outputs and stats. */
typedef struct place {
  size_t chunk, q, k, y, stats;
} place;

static place place_of(const job *j, size_t chunk)
{
  const ms_attention *a = &j->a;
  const size_t b = chunk / a->heads, h = chunk % a->heads, at = h * j->width;
  return (place){ chunk, b * a->queries * a->q_row + at, b * a->keys * a->k_row + at,
                  b * a->queries * a->dim + at, chunk * 2 * a->queries };
}

static size_t count_of(const job *j, size_t first)
{
  return j->a.queries - first < j->step ? j->a.queries - first : j->step;
}

/* Keys that any of these queries may see. */
static size_t seen_by(const job *j, size_t first, size_t count)
{
  return j->a.causal && first + count < j->a.keys ? first + count : j->a.keys;
}

static void product(job *j, int ta, int tb, size_t m, size_t n, size_t k, real scale, const real *a,
                    size_t lda, const real *b, size_t ldb, int add, real *c, size_t ldc)
{
  const ms_product p = { ta, tb, m, n, k, scale, a, lda, b, ldb, NULL, add, c, ldc };
  if (ms_k_gemm(j->a.precision)->here(&p) != 0) atomic_store(&j->failed, 1);
}

/* Scores of a query's row that it may not see become minus infinity. */
static void hide(const job *j, place p, size_t query, size_t n, real *score)
{
  const ms_attention *a = &j->a;
  if (a->mask) {
    const real *mask = a->mask + p.chunk / a->heads * a->mask_batch +
                       p.chunk % a->heads * a->mask_head + query * a->mask_query;
    for (size_t i = 0; i < n; i++) score[i] = mask[i] != 0 ? score[i] : -(real)INFINITY;
  }
  for (size_t i = query + 1; a->causal && i < n; i++) score[i] = -(real)INFINITY;
}

/* score (queries x n keys) = q k' scale */
static void scores(job *j, place p, size_t first, size_t count, size_t n, real *score)
{
  const ms_attention *a = &j->a;
  product(j, 0, 1, count, n, j->width, j->scale, a->q + p.q + first * a->q_row, a->q_row,
          a->k + p.k, a->k_row, 0, score, n);
  for (size_t r = 0; (a->mask || a->causal) && r < count; r++)
    hide(j, p, first + r, n, score + r * n);
}

/* Zeroes a share of a query's numbers and scales the others: by its place, the same each time. */
static void drop(const job *j, place p, size_t query, size_t n, real *row)
{
  enum { WORDS = 64 };
  uint32_t word[WORDS];
  const size_t blocks = (j->a.keys + 3) / 4;
  const uint64_t at = (p.chunk * j->a.queries + query) * blocks;
  const real keep = (real)(1 / (1 - j->a.dropout));
  for (size_t i = 0; i < n; i++) {
    if (i % WORDS == 0)
      ms_k_philox()->words(j->a.seed, j->a.stream, at + i / 4, WORDS / 4, word);
    row[i] = ms_rng_unit(word[i % WORDS]) < j->a.dropout ? 0 : row[i] * keep;
  }
}

static ms_scratch_key room_for_scores;

static real *room(job *j, size_t rows)
{
  real *score = ms_scratch(&room_for_scores, rows * j->step * j->a.keys * sizeof *score);
  if (!score) atomic_store(&j->failed, 1);
  return score;
}

/* A row of scores as weights. Keeps the largest score and the inverse sum: 0 and 0 where everything
   is hidden. */
static void weigh(const job *j, real *s, size_t n, real *most, real *inverse)
{
  *most = ms_row_max(s, n);
  if (*most == -(real)INFINITY && (j->a.mask || j->a.causal)) {
    *most = *inverse = 0;
    memset(s, 0, n * sizeof *s);
    return;
  }
  ms_row_exp(s, s, n, *most, 1);
  *inverse = 1 / ms_row_sum(s, n);
  for (size_t i = 0; i < n; i++) s[i] *= *inverse;
}

static void forward_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_attention *a = &j->a;
  const place p = place_of(j, chunk);
  real *most = j->stats + p.stats, *inverse = most + a->queries, *score = room(j, 1);
  for (size_t first = 0; score && first < a->queries; first += j->step) {
    const size_t count = count_of(j, first), n = seen_by(j, first, count);
    scores(j, p, first, count, n, score);
    for (size_t r = 0; r < count; r++) {
      weigh(j, score + r * n, n, &most[first + r], &inverse[first + r]);
      if (a->dropout > 0) drop(j, p, first + r, n, score + r * n);
    }
    product(j, 0, 0, count, j->width, n, 1, score, n, a->v + p.k, a->k_row, 0,
            j->out + p.y + first * a->dim, a->dim);
  }
}

static int forward(const ms_attention *a, real *y, real *stats)
{
  job j = { .a = *a, .out = y, .stats = stats };
  return run(&j, forward_chunk, 2);
}

/* With p the softmax of a row and gp = gy v': gs = p (gp - gy . y) scale, since gy . y is the sum
   of gp p; then gq = gs k, gk = gs' q, gv = p' gy. Dropout multiplies gp, and p for gv. */
static void back_rows(const job *j, place p, size_t first, size_t count, size_t n, real *weight,
                      real *g)
{
  const size_t dim = j->a.dim;
  const real *most = j->stats + p.stats, *inverse = most + j->a.queries;
  for (size_t r = 0; r < count; r++) {
    const size_t at = p.y + (first + r) * dim;
    const real along = ms_row_dot(j->gy + at, j->y + at, j->width), scale = j->scale;
    real *restrict w = weight + r * n, *restrict d = g + r * n;
    ms_row_exp(w, w, n, most[first + r], inverse[first + r]);
    if (j->a.dropout > 0) drop(j, p, first + r, n, d);
    for (size_t i = 0; i < n; i++) d[i] = w[i] * (d[i] - along) * scale;
    if (j->a.dropout > 0) drop(j, p, first + r, n, w);
  }
}

/* The keys' and values' gradients of a head: the blocks add to them where they do not all see all
   keys. */
static void clear(const job *j, place p)
{
  for (size_t t = 0; t < j->a.keys; t++) {
    memset(j->gk + p.k + t * j->a.k_row, 0, j->width * sizeof *j->gk);
    memset(j->gv + p.k + t * j->a.k_row, 0, j->width * sizeof *j->gv);
  }
}

static void back_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_attention *a = &j->a;
  const size_t width = j->width, q_row = a->q_row, k_row = a->k_row;
  const place p = place_of(j, chunk);
  real *weight = room(j, 2);
  if (!weight) return;
  real *g = weight + j->step * a->keys;
  if (a->causal) clear(j, p);
  for (size_t first = 0; first < a->queries; first += j->step) {
    const size_t count = count_of(j, first), n = seen_by(j, first, count), at = p.q + first * q_row;
    const real *gy = j->gy + p.y + first * a->dim;
    const int add = a->causal || first > 0; /* the blocks' shares, in order */
    scores(j, p, first, count, n, weight);
    product(j, 0, 1, count, n, width, 1, gy, a->dim, a->v + p.k, k_row, 0, g, n);
    back_rows(j, p, first, count, n, weight, g);
    product(j, 0, 0, count, width, n, 1, g, n, a->k + p.k, k_row, 0, j->gq + at, q_row);
    product(j, 1, 0, n, width, count, 1, g, n, a->q + at, q_row, add, j->gk + p.k, k_row);
    product(j, 1, 0, n, width, count, 1, weight, n, gy, a->dim, add, j->gv + p.k, k_row);
  }
}

static int back(const ms_attention *a, const real *y, const real *stats, const real *gy, real *gq,
                real *gk, real *gv)
{
  job j = { .a = *a, .y = y, .gy = gy, .gq = gq, .gk = gk, .gv = gv, .stats = (real *)stats };
  return run(&j, back_chunk, 5);
}

const ms_attention_kernels MS_K(attention) = { .forward = forward, .back = back };
