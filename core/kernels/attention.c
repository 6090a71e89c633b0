/* Attention of several heads over token sequences: a chunk is one head of one sequence. It takes
   WIDE queries at a time past tiles of keys. Scores and what follows from them lie in tiles
   (key, query), so that a register holds one key's numbers of as many queries: largest scores,
   exponentials and sums need no numbers of other lanes, and no matrix of all tokens exists. */
#include "attention.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/profile.h"
#include "../base/rng.h"
#include "../base/thread_pool.h"
#include "attention_tiles.h"
#include "philox.h"
#include "simd/row_reduce.h"
#include "simd/transpose.h"

enum { KEYS = 8 * TALL, /* keys to a tile: a multiple of 4, which is what Philox gives at a time */
       SQUARE = KEYS * WIDE };

typedef struct job {
  ms_attention a;
  const real *gy, *y;
  real *out, *stats, *gq, *gk, *gv;
  real scale;
  size_t width;             /* of a head */
  size_t tall, wide, keys;  /* the width in whole TALL and WIDE, the keys in whole TALL */
  atomic_int failed;
} job;

static size_t up(size_t n, size_t unit)
{
  return (n + unit - 1) / unit * unit;
}

/* products: of a head's queries x width with queries x keys */
static int run(job *j, void (*work)(void *, size_t), double products)
{
  const ms_attention *a = &j->a;
  if (!a->batch || !a->queries || !a->keys || !a->dim) return 0;
  j->width = a->dim / a->heads;
  j->tall = up(j->width, TALL);
  j->wide = up(j->width, WIDE);
  j->keys = up(a->keys, TALL);
  j->scale = (real)(1 / sqrt((double)j->width));
  if (ms_profile_on)
    ms_profile_work(products * 2 * (double)a->batch * (double)a->dim * (double)a->queries *
                    (double)a->keys);
  ms_parallel(a->batch * a->heads, work, j);
  return atomic_load(&j->failed) ? ms_fail("attention: no memory for tiles of scores") : 0;
}

/* ---- a head ---------------------------------------------------------------------------------- */
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

/* Queries first .. first + count, which see the first `keys` keys; `columns` does the products. */
typedef struct block {
  size_t first, count, keys;
  void (*columns)(const tile *t);
} block;

static block block_of(const job *j, size_t first)
{
  const size_t left = j->a.queries - first, count = left < WIDE ? left : WIDE;
  return (block){ first, count,
                  j->a.causal && first + count < j->a.keys ? first + count : j->a.keys,
                  count > MS_LANES ? tile_both : tile_one };
}

static size_t keys_of(const block *b, size_t key)
{
  return b->keys - key < KEYS ? b->keys - key : KEYS;
}

static ms_scratch_key room_for_tiles;

/* Scratch. What fills the last panel of keys, the last queries' lanes and the rows of wider tiles
   is computed like the rest, and read by nobody. */
static real *room(job *j, size_t numbers)
{
  real *at = ms_scratch(&room_for_tiles, numbers * sizeof *at);
  if (!at) atomic_store(&j->failed, 1);
  return at;
}

/* Takes the next `numbers` of a scratch. */
static real *take(real **from, size_t numbers)
{
  real *at = *from;
  *from += up(numbers, MS_LANES);
  return at;
}

/* Asks for the numbers of a row of a head: rows lie too far apart for the processor to guess. */
static void ask(const job *j, const real *row)
{
  for (size_t i = 0; i < j->width; i += 64 / sizeof *row) __builtin_prefetch(row + i);
}

/* A head's keys or values, (key, k_row), as panels (key / TALL, width, TALL). */
static void pack_panels(const job *j, const real *x, real *to)
{
  for (size_t k = 0; k < j->a.keys; k += TALL) {
    const size_t rows = j->a.keys - k < TALL ? j->a.keys - k : TALL;
    for (size_t r = k + TALL; r < k + 2 * TALL; r++) ask(j, x + r * j->a.k_row);
    ms_transpose(x + k * j->a.k_row, j->a.k_row, rows, j->width, to + k * j->width, TALL);
  }
}

/* Panels of keys times 1 / sqrt(width), as scores want them. */
static void scale(const job *j, real *panels)
{
  for (size_t i = 0; i < j->keys * j->width; i++) panels[i] *= j->scale;
}

/* Rows of a head's numbers, `step` apart, in rows of `wide` numbers. */
static void pack_rows(const job *j, const real *x, size_t step, size_t rows, size_t wide, real *to)
{
  for (size_t r = 0; r < rows; r++, x += step, to += wide) {
    ask(j, x + TALL * step);
    memcpy(to, x, j->width * sizeof *to);
  }
}

/* A block's numbers (query, step) as (width, WIDE). */
static void pack_queries(const job *j, const block *b, const real *x, size_t step, real *to)
{
  if (b->count < WIDE) memset(to, 0, j->width * WIDE * sizeof *to);
  ms_transpose(x, step, b->count, j->width, to, WIDE);
}

/* ---- tiles ----------------------------------------------------------------------------------- */
/* to (key, WIDE) = panels of keys from `key` on times (width, WIDE) */
static void over_width(const job *j, const block *b, const real *panels, const real *x, size_t key,
                       real *to)
{
  for (size_t k = 0; k < keys_of(b, key); k += TALL)
    b->columns(&(tile){ .a = panels + (key + k) * j->width, .a_step = TALL, .b = x, .b_step = WIDE,
                        .depth = j->width, .c = to + k * WIDE, .c_step = WIDE });
}

/* to (width, WIDE) = to keep + (rows of keys from `key` on)' times a tile (key, WIDE) */
static void over_keys(const job *j, const block *b, const real *rows, const real *x, size_t key,
                      const real *keep, real *to)
{
  for (size_t i = 0; i < j->width; i += TALL)
    b->columns(&(tile){ .a = rows + key * j->tall + i, .a_step = j->tall, .b = x, .b_step = WIDE,
                        .depth = keys_of(b, key), .c = to + i * WIDE, .c_step = WIDE,
                        .keep = keep });
}

/* Rows of a block's queries, `step` apart. */
typedef struct row_list {
  const real *x;
  size_t step;
} row_list;

/* to (key, wide), from `key` on, += a tile (key, WIDE) times rows of queries */
static void over_queries(const job *j, const block *b, const real *x, row_list rows, size_t key,
                         const real *ones, real *to)
{
  for (size_t k = 0; k < keys_of(b, key); k += TALL)
    for (size_t i = 0; i < j->width; i += WIDE)
      tile_turned(&(tile){ .a = x + k * WIDE, .a_step = 1, .b = rows.x + i, .b_step = rows.step,
                           .depth = b->count, .c = to + (key + k) * j->wide + i,
                           .c_step = j->wide, .keep = ones });
}

/* Scores of keys that a query may not see become minus infinity. */
static void hide(const job *j, place p, const block *b, size_t key, real *s)
{
  const ms_attention *a = &j->a;
  const size_t n = keys_of(b, key);
  for (size_t r = 0; a->mask && r < b->count; r++) {
    const real *mask = a->mask + p.chunk / a->heads * a->mask_batch +
                       p.chunk % a->heads * a->mask_head + (b->first + r) * a->mask_query + key;
    for (size_t i = 0; i < n; i++)
      if (mask[i] == 0) s[i * WIDE + r] = -(real)INFINITY;
  }
  for (size_t i = 0; a->causal && i < n; i++)
    for (size_t r = 0; r < WIDE && b->first + r < key + i; r++) s[i * WIDE + r] = -(real)INFINITY;
}

/* Zeroes a share of a tile's numbers and scales the others: by their place, the same each time. */
static void drop(const job *j, place p, const block *b, size_t key, real *s)
{
  enum { WORDS = 64 };
  uint32_t word[WORDS];
  const size_t blocks = (j->a.keys + 3) / 4, n = keys_of(b, key);
  const real keep = (real)(1 / (1 - j->a.dropout));
  for (size_t r = 0; r < b->count; r++) {
    const uint64_t at = (p.chunk * j->a.queries + b->first + r) * blocks + key / 4;
    for (size_t i = 0; i < n; i++) {
      if (i % WORDS == 0)
        ms_k_philox()->words(j->a.seed, j->a.stream, at + i / 4, WORDS / 4, word);
      s[i * WIDE + r] *= ms_rng_unit(word[i % WORDS]) < j->a.dropout ? 0 : keep;
    }
  }
}

/* ---- forward --------------------------------------------------------------------------------- */
/* What is known of a block's queries after some keys. */
typedef struct sums {
  real most[WIDE], total[WIDE]; /* the largest score, and the sum of exp(score - most) */
  real keep[WIDE];              /* the last tile's factor for what was summed before it */
} sums;

/* A tile of n keys' scores becomes exp(score - most). */
static void add_tile(sums *t, real *restrict s, size_t n)
{
  real most[WIDE], shift[WIDE];
  memcpy(most, t->most, sizeof most);
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l < WIDE; l++)
      most[l] = s[k * WIDE + l] > most[l] ? s[k * WIDE + l] : most[l];
  for (size_t l = 0; l < WIDE; l++) {
    shift[l] = most[l] == -(real)INFINITY ? 0 : most[l];
    t->keep[l] = ms_vexp(t->most[l] - shift[l]);
    t->total[l] *= t->keep[l];
    t->most[l] = most[l];
  }
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l < WIDE; l++) {
      s[k * WIDE + l] = ms_vexp(s[k * WIDE + l] - shift[l]);
      t->total[l] += s[k * WIDE + l];
    }
}

/* Keeps the largest scores and the inverse sums: 0 and 0 where everything is hidden. y = the sums
   of values over those of weights. */
static void finish(job *j, place p, const block *b, sums *t, real *o)
{
  real *most = j->stats + p.stats + b->first, *inverse = most + j->a.queries, by[WIDE] = { 0 };
  for (size_t r = 0; r < b->count; r++) {
    const int nothing = t->total[r] == 0 && (j->a.mask || j->a.causal);
    most[r] = nothing ? 0 : t->most[r];
    inverse[r] = by[r] = nothing ? 0 : 1 / t->total[r];
  }
  for (size_t i = 0; i < j->width; i++)
    for (size_t l = 0; l < WIDE; l++) o[i * WIDE + l] *= by[l];
  ms_transpose(o, WIDE, j->width, b->count, j->out + p.y + b->first * j->a.dim, j->a.dim);
}

static void forward_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_attention *a = &j->a;
  const place p = place_of(j, chunk);
  real *from = room(j, j->keys * (j->width + j->tall) + (j->width + j->tall) * WIDE + SQUARE +
                       5 * MS_LANES);
  if (!from) return;
  real *k = take(&from, j->keys * j->width), *v = take(&from, j->keys * j->tall);
  real *q = take(&from, j->width * WIDE), *o = take(&from, j->tall * WIDE),
       *s = take(&from, SQUARE);
  pack_panels(j, a->k + p.k, k);
  scale(j, k);
  pack_rows(j, a->v + p.k, a->k_row, a->keys, j->tall, v);
  for (size_t first = 0; first < a->queries; first += WIDE) {
    const block b = block_of(j, first);
    sums t = { .total = { 0 } };
    for (size_t l = 0; l < WIDE; l++) t.most[l] = -(real)INFINITY;
    pack_queries(j, &b, a->q + p.q + first * a->q_row, a->q_row, q);
    for (size_t key = 0; key < b.keys; key += KEYS) {
      over_width(j, &b, k, q, key, s);
      if (a->mask || a->causal) hide(j, p, &b, key, s);
      add_tile(&t, s, keys_of(&b, key));
      if (a->dropout > 0) drop(j, p, &b, key, s);
      over_keys(j, &b, v, s, key, key ? t.keep : NULL, o);
    }
    finish(j, p, &b, &t, o);
  }
}

static int forward(const ms_attention *a, real *y, real *stats)
{
  job j = { .a = *a, .out = y, .stats = stats };
  return run(&j, forward_chunk, 2);
}

/* ---- back ------------------------------------------------------------------------------------ */
/* Scratch of a head: keys and values in panels and in rows, the block's queries and gradients of
   y in columns and in rows, the tiles, sums. */
typedef struct head {
  real *k, *v, *k_rows, *q, *gy, *q_rows, *gy_rows, *s, *d, *gq, *gk, *gv;
} head;

static int head_of(job *j, place p, head *h)
{
  const ms_attention *a = &j->a;
  const size_t panels = j->keys * j->width, square = j->width * WIDE, rows = WIDE * j->wide;
  real *from = room(j, 2 * panels + (j->keys + WIDE) * j->tall + 2 * square + 2 * rows +
                       2 * SQUARE + 2 * j->keys * j->wide + 12 * MS_LANES);
  if (!from) return -1;
  h->k = take(&from, panels);
  h->v = take(&from, panels);
  h->k_rows = take(&from, j->keys * j->tall);
  h->q = take(&from, square);
  h->gy = take(&from, square);
  h->q_rows = take(&from, rows);
  h->gy_rows = take(&from, rows);
  h->s = take(&from, SQUARE);
  h->d = take(&from, SQUARE);
  h->gq = take(&from, j->tall * WIDE);
  h->gk = take(&from, j->keys * j->wide);
  h->gv = take(&from, j->keys * j->wide);
  memset(h->gk, 0, j->keys * j->wide * sizeof *h->gk);
  memset(h->gv, 0, j->keys * j->wide * sizeof *h->gv);
  pack_panels(j, a->k + p.k, h->k);
  scale(j, h->k);
  pack_panels(j, a->v + p.k, h->v);
  pack_rows(j, a->k + p.k, a->k_row, a->keys, j->tall, h->k_rows);
  return 0;
}

/* What a block's queries need: the largest score, the inverse sum, gy . y. */
typedef struct row_stats {
  real most[WIDE], inverse[WIDE], along[WIDE];
} row_stats;

static row_stats row_stats_of(const job *j, place p, const block *b)
{
  row_stats f = { .most = { 0 } };
  const real *most = j->stats + p.stats + b->first;
  for (size_t r = 0; r < b->count; r++) {
    const size_t at = p.y + (b->first + r) * j->a.dim;
    f.most[r] = most[r];
    f.inverse[r] = most[r + j->a.queries];
    f.along[r] = ms_row_dot(j->gy + at, j->y + at, j->width);
  }
  return f;
}

/* s: scores that become the softmax p; d: gp that becomes gs. With gp = gy v': gs = p (gp - gy . y)
   scale, since gy . y is the sum of gp p. Dropout multiplies gp, and p for gv. */
static void back_tile(const job *j, place p, const block *b, const row_stats *f, size_t key,
                      const head *h)
{
  real *restrict s = h->s, *restrict d = h->d;
  const size_t n = keys_of(b, key), unseen = (up(n, TALL) - n) * WIDE;
  if (j->a.dropout > 0) drop(j, p, b, key, d);
  memset(s + n * WIDE, 0, unseen * sizeof *s); /* the last panel's other keys */
  memset(d + n * WIDE, 0, unseen * sizeof *d);
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l < WIDE; l++) {
      const size_t i = k * WIDE + l;
      s[i] = ms_vexp(s[i] - f->most[l]) * f->inverse[l];
      d[i] = s[i] * (d[i] - f->along[l]) * j->scale;
    }
  if (j->a.dropout > 0) drop(j, p, b, key, s);
}

/* Rows as tiles read them: where they lie, or with what fills the last tile. */
static row_list rows_of(const job *j, const block *b, const real *x, size_t step, real *to)
{
  if (j->wide == j->width) return (row_list){ x, step };
  pack_rows(j, x, step, b->count, j->wide, to);
  return (row_list){ to, j->wide };
}

/* gq = gs k, gk = gs' q, gv = p' gy: those of keys and values add up over the blocks. */
static void back_block(job *j, place p, const head *h, size_t first)
{
  const ms_attention *a = &j->a;
  const block b = block_of(j, first);
  const row_stats f = row_stats_of(j, p, &b);
  const real *q = a->q + p.q + first * a->q_row, *gy = j->gy + p.y + first * a->dim;
  real ones[WIDE];
  for (size_t l = 0; l < WIDE; l++) ones[l] = 1;
  pack_queries(j, &b, q, a->q_row, h->q);
  pack_queries(j, &b, gy, a->dim, h->gy);
  const row_list q_rows = rows_of(j, &b, q, a->q_row, h->q_rows),
                 gy_rows = rows_of(j, &b, gy, a->dim, h->gy_rows);
  for (size_t key = 0; key < b.keys; key += KEYS) {
    over_width(j, &b, h->k, h->q, key, h->s);
    if (a->mask || a->causal) hide(j, p, &b, key, h->s);
    over_width(j, &b, h->v, h->gy, key, h->d);
    back_tile(j, p, &b, &f, key, h);
    over_keys(j, &b, h->k_rows, h->d, key, key ? ones : NULL, h->gq);
    over_queries(j, &b, h->s, gy_rows, key, ones, h->gv);
    over_queries(j, &b, h->d, q_rows, key, ones, h->gk);
  }
  ms_transpose(h->gq, WIDE, j->width, b.count, j->gq + p.q + first * a->q_row, a->q_row);
}

static void back_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const place p = place_of(j, chunk);
  head h;
  if (head_of(j, p, &h) != 0) return;
  for (size_t first = 0; first < j->a.queries; first += WIDE) back_block(j, p, &h, first);
  for (size_t t = 0; t < j->a.keys; t++) {
    memcpy(j->gk + p.k + t * j->a.k_row, h.gk + t * j->wide, j->width * sizeof *h.gk);
    memcpy(j->gv + p.k + t * j->a.k_row, h.gv + t * j->wide, j->width * sizeof *h.gv);
  }
}

static int back(const ms_attention *a, const real *y, const real *stats, const real *gy, real *gq,
                real *gk, real *gv)
{
  job j = { .a = *a, .y = y, .gy = gy, .gq = gq, .gk = gk, .gv = gv, .stats = (real *)stats };
  return run(&j, back_chunk, 5);
}

const ms_attention_kernels MS_K(attention) = { .forward = forward, .back = back };
