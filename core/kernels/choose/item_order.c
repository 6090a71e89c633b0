/* Items put in order: a few by insertion, columns of a table by one network of exchanges for all of
   them, a short list as such columns that are merged, a long one by the digits of its keys. */
#include "item_order.h"

#include "../../base/thread_pool.h"
#include "../reduce/span.h"

enum { INSERTED = 48, SELECTED = 16, SHORT = 1 << 11, BITS = 11, DIGITS = 1 << BITS, SHARES = 16,
       ROUNDS = 60 };

static void insert_items(ms_item *a, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    const ms_item item = a[i];
    size_t k = i;
    for (; k && a[k - 1] > item; k--) a[k] = a[k - 1];
    a[k] = item;
  }
}

/* ---- columns: Batcher's merge exchange, which compares the same rows whatever is in them ----- */
static inline void exchange_rows(ms_item *restrict a, ms_item *restrict b)
{
#pragma GCC unroll 1
  for (int k = 0; k < MS_ITEM_COLUMNS; k++) {
    const ms_item low = a[k] < b[k] ? a[k] : b[k], high = a[k] < b[k] ? b[k] : a[k];
    a[k] = low;
    b[k] = high;
  }
}

/* Rows `distance` apart, of those whose number has bit p as `on`. */
static void exchange_all(ms_item *a, size_t n, size_t p, size_t on, size_t distance)
{
  for (size_t first = on; first + distance < n; first += 2 * p)
    for (size_t i = first; i < ms_least(first + p, n - distance); i++)
      exchange_rows(a + i * MS_ITEM_COLUMNS, a + (i + distance) * MS_ITEM_COLUMNS);
}

void MS_K(order_columns)(ms_item *a, size_t n)
{
  size_t half = 1;
  while (2 * half < n) half *= 2;
  for (size_t p = half; p && n > 1; p /= 2) {
    exchange_all(a, n, p, 0, p);
    for (size_t q = half; q > p; q /= 2) exchange_all(a, n, p, p, q - p);
  }
}

/* ---- a short list: columns in order, then runs of it merged ---------------------------------- */
/* Two runs of n items, `step` apart, on their way into one, which grows from both ends, so that
   neither run can end before the other is half through. */
typedef struct merge {
  const ms_item *a, *b, *last_a, *last_b;
  ms_item *to, *end;
} merge;

static merge merge_of(const ms_item *a, const ms_item *b, size_t n, size_t step, ms_item *to)
{
  return (merge){ a, b, a + (n - 1) * step, b + (n - 1) * step, to, to + 2 * n - 1 };
}

MS_INLINE void merge_ends(merge *m, size_t i, size_t step)
{
  const size_t b_first = *m->b < *m->a, a_last = *m->last_b < *m->last_a;
  m->to[i] = b_first ? *m->b : *m->a;
  *(m->end - i) = a_last ? *m->last_a : *m->last_b;
  m->b += step & (0 - b_first);
  m->a += step & (b_first - 1);
  m->last_a -= step & (0 - a_last);
  m->last_b -= step & (a_last - 1);
}

static void merge_one(merge m, size_t n)
{
  for (size_t i = 0; i < n; i++) merge_ends(&m, i, 1);
}

/* Two merges, so that neither waits for its own numbers. */
MS_INLINE void merge_two(merge m, merge other, size_t n, size_t step)
{
  for (size_t i = 0; i < n; i++) {
    merge_ends(&m, i, step);
    merge_ends(&other, i, step);
  }
}

static void merge_columns(const ms_item *from, size_t rows, ms_item *to)
{
  enum { STEP = MS_ITEM_COLUMNS };
  for (size_t k = 0; k < STEP; k += 4)
    merge_two(merge_of(from + k, from + k + 1, rows, STEP, to + k * rows),
              merge_of(from + k + 2, from + k + 3, rows, STEP, to + (k + 2) * rows), rows, STEP);
}

/* Four runs become two. */
static void merge_four(const ms_item *from, size_t run, ms_item *to)
{
  merge_two(merge_of(from, from + run, run, 1, to),
            merge_of(from + 2 * run, from + 3 * run, run, 1, to + 2 * run), run, 1);
}

static void order_short(ms_item *a, size_t n)
{
  const size_t rows = (n + MS_ITEM_COLUMNS - 1) / MS_ITEM_COLUMNS, all = rows * MS_ITEM_COLUMNS;
  ms_item one[SHORT], other[SHORT];
  memcpy(one, a, n * sizeof *a);
  memset(one + n, 0xff, (all - n) * sizeof *a);
  MS_K(order_columns)(one, rows);
  merge_columns(one, rows, other);
  for (size_t at = 0; at < all; at += all / 2) merge_four(other + at, 2 * rows, one + at);
  merge_four(one, 4 * rows, other);
  merge_one(merge_of(other, other + 8 * rows, 8 * rows, 1, one), 8 * rows);
  memcpy(a, one, n * sizeof *a);
}

/* ---- by digits, in shares -------------------------------------------------------------------- */
/* One pass over n items in shares: each counts its digits, then knows where they go. */
typedef struct pass {
  const ms_item *from;
  ms_item *to;
  size_t n, share, (*at)[DIGITS]; /* of each share */
  int shift;
} pass;

static inline size_t digit_of(const pass *p, size_t i)
{
  return (size_t)(p->from[i] >> p->shift) & (DIGITS - 1);
}

static void count_share(void *arg, size_t share)
{
  const pass p = *(const pass *)arg;
  const size_t from = share * p.share, end = ms_least(from + p.share, p.n);
  size_t *at = p.at[share];
  memset(at, 0, sizeof *p.at);
  for (size_t i = from; i < end; i++) at[digit_of(&p, i)]++;
}

static void deal_share(void *arg, size_t share)
{
  const pass p = *(const pass *)arg;
  const size_t from = share * p.share, end = ms_least(from + p.share, p.n);
  size_t *at = p.at[share];
  for (size_t i = from; i < end; i++) p.to[at[digit_of(&p, i)]++] = p.from[i];
}

/* From counts to places; whether all items have one digit, so that nothing moves. */
static int place_digits(const pass *p, size_t shares)
{
  size_t sum = 0;
  for (size_t d = 0; d < DIGITS; d++) {
    const size_t before = sum;
    for (size_t s = 0; s < shares; s++) {
      const size_t here = p->at[s][d];
      p->at[s][d] = sum;
      sum += here;
    }
    if (sum - before == p->n) return 1;
  }
  return 0;
}

static size_t shares_of(size_t n)
{
  return n < MS_ITEM_LONG ? 1 : SHARES;
}

static ms_item *order_by_digits(ms_item *a, ms_item *b, size_t n, size_t (*at)[DIGITS])
{
  const size_t shares = shares_of(n);
  pass p = { .n = n, .share = (n + shares - 1) / shares, .at = at };
  for (p.shift = MS_KEY_BITS; p.shift < 2 * MS_KEY_BITS; p.shift += BITS) {
    p.from = a;
    p.to = b;
    ms_parallel(shares, count_share, &p);
    if (place_digits(&p, shares)) continue;
    ms_parallel(shares, deal_share, &p);
    ms_item *swap = a;
    a = b;
    b = swap;
  }
  return a;
}

size_t MS_K(item_room)(size_t n)
{
  return n < SHORT ? 0 : shares_of(n) * DIGITS * sizeof(size_t);
}

ms_item *MS_K(order_items)(ms_item *a, ms_item *other, size_t n, void *room)
{
  if (n >= SHORT) return order_by_digits(a, other, n, room);
  if (n > INSERTED) order_short(a, n);
  else insert_items(a, n);
  return a;
}

/* ---- the k smallest: quickselect about the median of three ----------------------------------- */
static inline void exchange(ms_item *a, ms_item *b)
{
  const ms_item item = *a;
  *a = *b;
  *b = item;
}

static ms_item median_of(ms_item a, ms_item b, ms_item c)
{
  const ms_item low = a < b ? a : b, high = a < b ? b : a;
  return c < low ? low : c > high ? high : c;
}

/* Items below the pivot in front, which comes next; how many there are. */
static size_t part_items(ms_item *a, size_t n, ms_item pivot)
{
  size_t below = 0, at = 0;
  for (size_t i = 0; i < n; i++) {
    const ms_item item = a[i];
    a[i] = a[below];
    a[below] = item;
    below += item < pivot;
  }
  for (at = below; a[at] != pivot; at++) {}
  exchange(&a[below], &a[at]);
  return below;
}

/* Items are all different. What takes too many rounds is put in order. */
void MS_K(select_items)(ms_item *a, ms_item *other, size_t n, size_t k, void *room)
{
  for (int rounds = 0; k && k < n && n > SELECTED; rounds++) {
    if (rounds == ROUNDS) {
      const ms_item *sorted = MS_K(order_items)(a, other, n, room);
      if (sorted != a) memcpy(a, sorted, n * sizeof *a);
      return;
    }
    const size_t below = part_items(a, n, median_of(a[0], a[n / 2], a[n - 1])), here = below + 1;
    if (below >= k) n = below;
    else if (here >= k) return;
    else a += here, n -= here, k -= here;
  }
  if (k && k < n) insert_items(a, n);
}
