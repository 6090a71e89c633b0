/* Items put in order: a few by insertion, many by the digits of their keys, columns of a table by
   one network of exchanges for all of them. */
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

/* ---- by bytes of the keys, counted all at once ----------------------------------------------- */
enum { BYTES = sizeof(ms_key), VALUES = 256 };

/* From counts to places; whether all n items have one value, so that nothing moves. */
static int place_values(uint32_t *at, size_t n)
{
  uint32_t sum = 0;
  for (int v = 0; v < VALUES; v++) {
    const uint32_t here = at[v];
    if (here == n) return 1;
    at[v] = sum;
    sum += here;
  }
  return 0;
}

static ms_item *order_by_bytes(ms_item *a, ms_item *b, size_t n)
{
  uint32_t at[BYTES][VALUES];
  memset(at, 0, sizeof at);
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < BYTES; k++) at[k][ms_item_key(a[i]) >> 8 * k & (VALUES - 1)]++;
  for (int k = 0; k < BYTES; k++) {
    if (place_values(at[k], n)) continue;
    for (size_t i = 0; i < n; i++)
      b[at[k][ms_item_key(a[i]) >> 8 * k & (VALUES - 1)]++] = a[i];
    ms_item *swap = a;
    a = b;
    b = swap;
  }
  return a;
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
  if (n > INSERTED) return order_by_bytes(a, other, n);
  insert_items(a, n);
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
