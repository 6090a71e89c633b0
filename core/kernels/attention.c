/* Attention of several heads over token sequences: a chunk is one head of one sequence, and takes
   its queries in blocks, so that a block of scores stays in the cache. */
#include "attention.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/thread_pool.h"
#include "../base/profile.h"
#include "gemm/gemm.h"
#include "simd/row_reduce.h"

enum { MOST_QUERIES = 192 };

typedef struct job {
  ms_attention_shape s;
  const real *qkv, *gy, *y;
  real *out, *stats; /* y, or the gradient of qkv */
  real scale;
  size_t width, row, step; /* of a head; of packed tokens; queries to a block, cut evenly */
  atomic_int failed;
} job;

/* products: of a head's tokens x width with tokens x tokens */
static int run(job *j, void (*work)(void *, size_t), double products)
{
  const ms_attention_shape *s = &j->s;
  if (!s->batch || !s->tokens || !s->dim) return 0;
  size_t blocks = (s->tokens + MOST_QUERIES - 1) / MOST_QUERIES;
  j->width = s->dim / s->heads;
  j->row = 3 * s->dim;
  j->step = (s->tokens + blocks - 1) / blocks;
  j->scale = (real)(1 / sqrt((double)j->width));
  if (ms_profile_on)
    ms_profile_work(products * 2 * (double)s->batch * (double)s->dim * (double)s->tokens *
                    (double)s->tokens);
  ms_parallel(s->batch * s->heads, work, j);
  return atomic_load(&j->failed) ? ms_fail("attention: no memory for a block of scores") : 0;
}

/* Where a head of a sequence starts: in packed tokens, in plain ones, among the stats. */
typedef struct place {
  size_t packed, plain, stats;
} place;

static place place_of(const job *j, size_t chunk)
{
  size_t b = chunk / j->s.heads, h = chunk % j->s.heads, t = b * j->s.tokens;
  return (place){ t * j->row + h * j->width, t * j->s.dim + h * j->width, chunk * 2 * j->s.tokens };
}

static size_t count_of(const job *j, size_t first)
{
  return j->s.tokens - first < j->step ? j->s.tokens - first : j->step;
}

static void product(job *j, int ta, int tb, size_t m, size_t n, size_t k, real scale, const real *a,
                    size_t lda, const real *b, size_t ldb, int add, real *c, size_t ldc)
{
  const ms_product p = { ta, tb, m, n, k, scale, a, lda, b, ldb, NULL, add, c, ldc };
  if (ms_k_gemm()->here(&p) != 0) atomic_store(&j->failed, 1);
}

/* score (queries x tokens) = q k' scale */
static void scores(job *j, const real *q, const real *k, size_t queries, real *score)
{
  product(j, 0, 1, queries, j->s.tokens, j->width, j->scale, q, j->row, k, j->row, 0, score,
          j->s.tokens);
}

static ms_scratch_key room_for_scores;

static void forward_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t n = j->s.tokens, dim = j->s.dim;
  const place p = place_of(j, chunk);
  const real *q = j->qkv + p.packed, *k = q + dim, *v = k + dim;
  real *most = j->stats + p.stats, *inverse = most + n;
  real *score = ms_scratch(&room_for_scores, j->step * n * sizeof(real));
  if (!score) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (size_t first = 0; first < n; first += j->step) {
    const size_t count = count_of(j, first);
    scores(j, q + first * j->row, k, count, score);
    for (size_t r = 0; r < count; r++) {
      real *s = score + r * n;
      most[first + r] = ms_row_max(s, n);
      ms_row_exp(s, s, n, most[first + r], 1);
      inverse[first + r] = 1 / ms_row_sum(s, n);
      for (size_t i = 0; i < n; i++) s[i] *= inverse[first + r];
    }
    product(j, 0, 0, count, j->width, n, 1, score, n, v, j->row, 0, j->out + p.plain + first * dim,
            dim);
  }
}

static int forward(const ms_attention_shape *s, const real *qkv, real *y, real *stats)
{
  job j = { .s = *s, .qkv = qkv, .out = y, .stats = stats };
  return run(&j, forward_chunk, 2);
}

/* With p the softmax of a row and gp = gy v': gs = p (gp - gy . y) scale, since gy . y is the sum
   of gp p; then gq = gs k, gk = gs' q, gv = p' gy. */
static void back_rows(const job *j, place p, size_t first, size_t count, real *weight, real *g)
{
  const size_t n = j->s.tokens, dim = j->s.dim;
  const real *most = j->stats + p.stats, *inverse = most + n;
  for (size_t r = 0; r < count; r++) {
    const size_t at = p.plain + (first + r) * dim;
    const real along = ms_row_dot(j->gy + at, j->y + at, j->width), scale = j->scale;
    real *restrict w = weight + r * n, *restrict d = g + r * n;
    ms_row_exp(w, w, n, most[first + r], inverse[first + r]);
    for (size_t i = 0; i < n; i++) d[i] = w[i] * (d[i] - along) * scale;
  }
}

static void back_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t n = j->s.tokens, dim = j->s.dim, row = j->row, width = j->width;
  const place p = place_of(j, chunk);
  const real *q = j->qkv + p.packed, *k = q + dim, *v = k + dim, *gy = j->gy + p.plain;
  real *gq = j->out + p.packed, *gk = gq + dim, *gv = gk + dim;
  real *weight = ms_scratch(&room_for_scores, 2 * j->step * n * sizeof(real));
  real *g = weight + j->step * n;
  if (!weight) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (size_t first = 0; first < n; first += j->step) {
    const size_t count = count_of(j, first), at = first * row;
    const int add = first > 0; /* the blocks' shares, in order */
    scores(j, q + at, k, count, weight);
    product(j, 0, 1, count, n, width, 1, gy + first * dim, dim, v, row, 0, g, n);
    back_rows(j, p, first, count, weight, g);
    product(j, 0, 0, count, width, n, 1, g, n, k, row, 0, gq + at, row);
    product(j, 1, 0, n, width, count, 1, g, n, q + at, row, add, gk, row);
    product(j, 1, 0, n, width, count, 1, weight, n, gy + first * dim, dim, add, gv, row);
  }
}

static int back(const ms_attention_shape *s, const real *qkv, const real *y, const real *stats,
                const real *gy, real *gqkv)
{
  job j = { .s = *s, .qkv = qkv, .y = y, .gy = gy, .out = gqkv, .stats = (real *)stats };
  return run(&j, back_chunk, 5);
}

const ms_attention_kernels MS_K(attention) = { .forward = forward, .back = back };
