/* Random choices: an order, coins, classes. All are functions of (seed, stream) alone. */
#include "sampling.h"

#include <math.h>
#include <stdlib.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/rng.h"
#include "../base/thread_pool.h"
#include "../kernels/philox.h"

enum { PART = 64, PIECE = 1 << 14 };

/* Two words as a whole number below 2^64, and as a multiple of 2^-53 in [0, 1). */
static uint64_t wide_of(const uint32_t *word)
{
  return (uint64_t)word[0] << 32 | word[1];
}

static double unit_of(const uint32_t *word)
{
  return (double)(wide_of(word) >> 11) * (1.0 / 9007199254740992.0);
}

/* ---- an order: Fisher-Yates, from the inside out -------------------------------------------- */
void ms_sample_order(ms_tensor *t, uint64_t seed, uint64_t stream)
{
  uint32_t word[2 * PART];
  for (size_t i = 0; i < t->count; i++) {
    if (i % PART == 0) ms_k_philox()->words(seed, stream, i / 2, PART / 2, word);
    const unsigned __int128 wide = wide_of(word + 2 * (i % PART));
    const size_t at = (size_t)(wide * (i + 1) >> 64);
    t->data[i] = t->data[at];
    t->data[at] = (real)(i + 1);
  }
}

/* ---- coins ---------------------------------------------------------------------------------- */
typedef struct coins {
  ms_tensor *t;
  uint64_t seed, stream;
} coins;

static void toss(void *arg, size_t chunk)
{
  const coins *c = arg;
  const size_t end = (chunk + 1) * PIECE < c->t->count ? (chunk + 1) * PIECE : c->t->count;
  for (size_t i = chunk * PIECE; i < end; i += PART) {
    uint32_t word[PART];
    real *p = c->t->data + i;
    ms_k_philox()->words(c->seed, c->stream, i / 4, PART / 4, word);
    if (end - i >= PART)
      for (size_t k = 0; k < PART; k++) p[k] = (real)ms_rng_unit(word[k]) < p[k] ? 1 : 0;
    else
      for (size_t k = 0; k < end - i; k++) p[k] = (real)ms_rng_unit(word[k]) < p[k] ? 1 : 0;
  }
}

int ms_sample_bernoulli(ms_tensor *t, uint64_t seed, uint64_t stream)
{
  size_t good = 0;
  for (size_t i = 0; i < t->count; i++) good += (t->data[i] >= 0) & (t->data[i] <= 1);
  for (size_t i = 0; good < t->count && i < t->count; i++)
    if (!(t->data[i] >= 0 && t->data[i] <= 1))
      return ms_fail("bernoulli: probabilities are from 0 to 1, number %zu is %g", i + 1,
                     (double)t->data[i]);
  coins c = { t, seed, stream };
  ms_parallel((t->count + PIECE - 1) / PIECE, toss, &c);
  t->mask = 1;
  return 0;
}

/* ---- classes: row r draws from the stream r steps on ---------------------------------------- */
typedef struct rank {
  double key;
  size_t class;
} rank;

typedef struct lots {
  const ms_tensor *weights;
  ms_tensor *y;
  size_t classes, count;
  uint64_t seed, stream;
  void *room; /* of all rows: sums of weights, or the ranks of those that are drawn */
} lots;

/* Numbers first..first+PART-1 of the row, from 0 to 1. */
static void units_at(const lots *l, size_t row, size_t first, double unit[PART])
{
  uint32_t word[2 * PART];
  const uint64_t stream = l->stream + row * 0x9E3779B97F4A7C15u;
  ms_k_philox()->words(l->seed, stream, first / 2, PART / 2, word);
  for (size_t i = 0; i < PART; i++) unit[i] = unit_of(word + 2 * i);
}

/* Positions by halving in the sums: the first that is above a share of the whole. */
static size_t place_of(const double *sum, size_t most, double share)
{
  size_t low = 0, high = most;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sum[middle] > share) high = middle;
    else low = middle + 1;
  }
  return low;
}

static void with_replacement(void *arg, size_t row)
{
  const lots *l = arg;
  const real *w = l->weights->data + row * l->classes;
  double *sum = (double *)l->room + row * l->classes, all = 0, unit[PART];
  size_t most = l->classes - 1;
  for (size_t c = 0; c < l->classes; c++) sum[c] = all += (double)w[c];
  while (most && !(w[most] > 0)) most--;
  for (size_t i = 0; i < l->count; i++) {
    if (i % PART == 0) units_at(l, row, i, unit);
    l->y->data[row * l->count + i] = (real)(place_of(sum, most, unit[i % PART] * all) + 1);
  }
}

static int later(const rank *x, const rank *y)
{
  return x->key > y->key || (x->key == y->key && x->class > y->class);
}

/* Lets the rank at the top of a heap of n, the latest first, sink to its place. */
static void sink(rank *heap, size_t n)
{
  const rank top = heap[0];
  size_t at = 0;
  for (size_t next = 1; next < n; next = 2 * at + 1) {
    if (next + 1 < n && later(&heap[next + 1], &heap[next])) next++;
    if (!later(&heap[next], &top)) break;
    heap[at] = heap[next];
    at = next;
  }
  heap[at] = top;
}

static int by_key(const void *a, const void *b)
{
  return later(a, b) ? 1 : later(b, a) ? -1 : 0;
}

/* Classes in the order of waiting times, whose rates are the weights: a heap holds the earliest so
   far. */
static void without_replacement(void *arg, size_t row)
{
  const lots *l = arg;
  const real *w = l->weights->data + row * l->classes;
  rank *heap = (rank *)l->room + row * l->count;
  double unit[PART];
  for (size_t i = 0; i < l->count; i++) heap[i] = (rank){ HUGE_VAL, l->classes };
  for (size_t c = 0; c < l->classes; c++) {
    if (c % PART == 0) units_at(l, row, c, unit);
    if (!(w[c] > 0)) continue;
    const rank next = { -log1p(-unit[c % PART]) / (double)w[c], c };
    if (!later(&heap[0], &next)) continue;
    heap[0] = next;
    sink(heap, l->count);
  }
  qsort(heap, l->count, sizeof *heap, by_key);
  for (size_t i = 0; i < l->count; i++)
    l->y->data[row * l->count + i] = (real)(heap[i].class + 1);
}

/* How many weights of a row are above 0: at least one, and `count` of them unless `replace`. */
static int check_row(const lots *l, size_t row, int replace)
{
  const real *w = l->weights->data + row * l->classes;
  size_t able = 0, good = 0;
  double all = 0;
  for (size_t c = 0; c < l->classes; c++) {
    good += w[c] >= 0 && w[c] < (real)HUGE_VAL;
    able += w[c] > 0;
    all += (double)w[c];
  }
  for (size_t c = 0; good < l->classes && c < l->classes; c++)
    if (!(w[c] >= 0 && w[c] < (real)HUGE_VAL))
      return ms_fail("multinomial: weights are finite numbers, 0 or more, number %zu is %g",
                     row * l->classes + c + 1, (double)w[c]);
  if (l->count && (!able || isinf(all)))
    return ms_fail("multinomial: the weights of row %zu add up to %g", row + 1, all);
  if (!replace && l->count > able)
    return ms_fail("multinomial: row %zu has %zu weights above 0, too few for %zu draws without "
                   "replacement", row + 1, able, l->count);
  return 0;
}

static int check_weights(const ms_tensor *w)
{
  char text[MS_SHAPE_TEXT];
  if (w->ndim < 1 || w->ndim > 2)
    return ms_fail("multinomial: weights are a list, or rows of them, got %s",
                   ms_shape_text(w->ndim, w->dim, text));
  if (w->dim[w->ndim - 1] > MS_REAL_WHOLE)
    return ms_fail("multinomial: positions among %zu classes are not exact in " MS_REAL_NAME,
                   w->dim[w->ndim - 1]);
  return 0;
}

ms_tensor *ms_sample_classes(const ms_tensor *weights, size_t count, int replace, uint64_t seed,
                             uint64_t stream)
{
  if (check_weights(weights) != 0) return NULL;
  const size_t rows = weights->ndim == 2 ? weights->dim[0] : 1;
  lots l = { weights, NULL, weights->dim[weights->ndim - 1], count, seed, stream, NULL };
  for (size_t r = 0; r < rows; r++)
    if (check_row(&l, r, replace) != 0) return NULL;
  ms_tensor *y = weights->ndim == 2 ? ms_tensor_new(2, (size_t[]){ rows, count })
                                    : ms_tensor_new(1, &count);
  if (!y || !y->count) return y;
  l.y = y;
  l.room = ms_alloc(replace ? weights->count * sizeof(double) : y->count * sizeof(rank));
  if (l.room) ms_parallel(rows, replace ? with_replacement : without_replacement, &l);
  if (l.room) ms_free(l.room);
  else ms_tensor_free(y), y = NULL;
  return y;
}
