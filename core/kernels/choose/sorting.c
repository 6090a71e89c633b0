/* Positions of numbers in their order along one dimension. A few are merged, many are dealt out by
   eleven bits of their keys after the other, those of one long line by all threads. */
#include "sorting.h"

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"
#include "sort_items.h"

enum { RUN = 16, FEW = 1 << 10, BITS = 11, DIGITS = 1 << BITS, LONG = 1 << 16, SHARES = 16,
       ROUNDS = 60 };

/* ---- a few: runs sorted by insertion, then merged -------------------------------------------- */
static void insert_run(ms_item *a, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    const ms_item item = a[i];
    size_t k = i;
    for (; k && a[k - 1] > item; k--) a[k] = a[k - 1];
    a[k] = item;
  }
}

static void merge(const ms_item *a, size_t na, const ms_item *b, size_t nb, ms_item *to)
{
  while (na && nb) {
    const int first = *a <= *b;
    *to++ = first ? *a : *b;
    a += first;
    b += !first;
    na -= (size_t)first;
    nb -= (size_t)!first;
  }
  memcpy(to, na ? a : b, (na + nb) * sizeof *to);
}

static ms_item *merge_sort(ms_item *a, ms_item *b, size_t n)
{
  for (size_t i = 0; i < n; i += RUN) insert_run(a + i, ms_least(RUN, n - i));
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t i = 0; i < n; i += 2 * width) {
      const size_t left = ms_least(width, n - i), right = ms_least(width, n - i - left);
      merge(a + i, left, a + i + left, right, b + i);
    }
    ms_item *swap = a;
    a = b;
    b = swap;
  }
  return a;
}

/* ---- many: by digits ------------------------------------------------------------------------- */
/* One pass over n items in SHARES shares: each counts its digits, then knows where they go. */
typedef struct pass {
  const ms_item *from;
  ms_item *to;
  size_t n, share;
  int shift;
  size_t (*at)[DIGITS]; /* of each share */
} pass;

static inline size_t digit_of(ms_item item, int shift)
{
  return (size_t)(item >> shift) & (DIGITS - 1);
}

static void count_share(void *arg, size_t share)
{
  const pass *p = arg;
  const size_t from = share * p->share, end = ms_least(from + p->share, p->n);
  size_t *at = p->at[share];
  memset(at, 0, sizeof *p->at);
  for (size_t i = from; i < end; i++) at[digit_of(p->from[i], p->shift)]++;
}

static void deal_share(void *arg, size_t share)
{
  const pass *p = arg;
  const size_t from = share * p->share, end = ms_least(from + p->share, p->n);
  size_t *at = p->at[share];
  for (size_t i = from; i < end; i++) p->to[at[digit_of(p->from[i], p->shift)]++] = p->from[i];
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

static ms_item *radix_sort(ms_item *a, ms_item *b, size_t n, size_t (*at)[DIGITS])
{
  const size_t shares = n < LONG ? 1 : SHARES;
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

static ms_item *sort_items(ms_item *a, ms_item *b, size_t n, size_t (*at)[DIGITS])
{
  return n < FEW ? merge_sort(a, b, n) : radix_sort(a, b, n, at);
}

/* Items are all different. Moves the k smallest to the front; what takes too many rounds is
   sorted. */
static void select_items(ms_item *a, ms_item *b, size_t n, size_t k, size_t (*at)[DIGITS])
{
  for (int rounds = 0; k && k < n && n > RUN; rounds++) {
    if (rounds == ROUNDS) {
      const ms_item *sorted = sort_items(a, b, n, at);
      if (sorted != a) memcpy(a, sorted, n * sizeof *a);
      return;
    }
    const ms_item pivot = median_of(a[0], a[n / 2], a[n - 1]);
    size_t below = 0;
    for (size_t i = 0; i < n; i++) {
      const ms_item item = a[i];
      a[i] = a[below];
      a[below] = item;
      below += item < pivot;
    }
    if (below >= k) n = below;
    else {
      for (size_t i = below; i < n; i++)
        if (a[i] == pivot) {
          exchange(&a[below], &a[i]);
          break;
        }
      if (++below >= k) return;
      a += below;
      n -= below;
      k -= below;
    }
  }
  if (k && k < n) insert_run(a, n);
}

static ms_item largest_of(const ms_item *a, size_t n)
{
  ms_item most = a[0];
  for (size_t i = 1; i < n; i++) most = a[i] > most ? a[i] : most;
  return most;
}

/* The same of few among many: only what is smaller than the k-th so far is looked at again. */
static void select_few(ms_item *a, ms_item *b, size_t n, size_t k, size_t (*at)[DIGITS])
{
  const size_t most = 4 * k;
  size_t fill = 2 * k;
  memcpy(b, a, fill * sizeof *b);
  select_items(b, b + most, fill, k, at);
  ms_item limit = largest_of(b, k);
  fill = k;
  for (size_t i = 2 * k; i < n; i++) {
    if (a[i] >= limit) continue;
    b[fill++] = a[i];
    if (fill < most) continue;
    select_items(b, b + most, fill, k, at);
    limit = largest_of(b, k);
    fill = k;
  }
  select_items(b, b + most, fill, k, at);
  memcpy(a, b, k * sizeof *a);
}

/* ---- lines of a tensor ----------------------------------------------------------------------- */
enum { GROUP = 16, SHORT = 1 << 12 }; /* columns that are read together, where they are short */

typedef struct job {
  ms_span s;
  const real *x;
  real *to;
  size_t k, wide, groups, step;
  int descending;
  _Atomic int failed;
  void (*give)(const struct job *j, ms_item *items, ms_item *other, size_t (*at)[DIGITS], real *to);
} job;

static void read_items(const job *j, const real *x, size_t wide, ms_item *items)
{
  for (size_t i = 0; i < j->s.n; i++)
    for (size_t k = 0; k < wide; k++)
      items[k * j->s.n + i] = ms_item_of(x[i * j->s.inner + k], i, j->descending);
}

static void one_group(const job *j, size_t unit, ms_item *room, size_t (*at)[DIGITS])
{
  const size_t n = j->s.n, inner = j->s.inner, first = unit % j->groups * j->wide;
  const size_t wide = ms_least(j->wide, inner - first), outer = unit / j->groups;
  read_items(j, j->x + outer * n * inner + first, wide, room);
  for (size_t k = 0; k < wide; k++)
    j->give(j, room + k * n, room + j->wide * n, at, j->to + outer * j->k * inner + first + k);
}

static void some_groups(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t items = (j->wide + 1) * j->s.n, units = j->s.outer * j->groups;
  size_t(*at)[DIGITS] = NULL;
  ms_item *room = ms_alloc(items * sizeof *room + (j->s.n < LONG ? 1 : SHARES) * sizeof *at);
  if (!room) {
    j->failed = 1;
    return;
  }
  at = (void *)(room + items);
  for (size_t u = chunk * j->step; u < ms_least((chunk + 1) * j->step, units); u++)
    one_group(j, u, room, at);
  ms_free(room);
}

static int run(job j)
{
  if (!j.s.n || !j.s.outer || !j.s.inner) return 0;
  j.wide = j.s.n <= SHORT ? ms_least(j.s.inner, GROUP) : 1;
  j.groups = (j.s.inner + j.wide - 1) / j.wide;
  j.step = FEW / (j.s.n * j.wide) + 1;
  const size_t chunks = (j.s.outer * j.groups + j.step - 1) / j.step;
  /* A line by all threads, or all lines by one thread each. */
  if (chunks < 4 && j.s.n >= LONG)
    for (size_t c = 0; c < chunks; c++) some_groups(&j, c);
  else ms_parallel(chunks, some_groups, &j);
  return j.failed ? ms_fail("sorting: there is no memory for %zu numbers at a time", j.s.n) : 0;
}

/* ---- what is asked for ----------------------------------------------------------------------- */
static real position_of(ms_item item)
{
  return (real)(ms_item_place(item) + 1);
}

static void give_first(const job *j, ms_item *a, ms_item *b, size_t (*at)[DIGITS], real *to)
{
  const size_t n = j->s.n, k = j->k;
  if (8 * k <= n) select_few(a, b, n, k, at);
  else if (k < n) select_items(a, b, n, k, at);
  const ms_item *sorted = sort_items(a, b, k, at);
  for (size_t i = 0; i < k; i++) to[i * j->s.inner] = position_of(sorted[i]);
}

static void give_median(const job *j, ms_item *a, ms_item *b, size_t (*at)[DIGITS], real *to)
{
  const size_t n = j->s.n, half = (n - 1) / 2;
  ms_item nan = (ms_item)-1;
  for (size_t i = 0; i < n; i++)
    if (ms_item_key(a[i]) == (ms_key)-1 && a[i] < nan) nan = a[i];
  if (nan == (ms_item)-1) {
    select_items(a, b, n, half + 1, at);
    nan = a[0];
    for (size_t i = 1; i <= half; i++) nan = a[i] > nan ? a[i] : nan;
  }
  *to = position_of(nan);
}

static void give_mode(const job *j, ms_item *a, ms_item *b, size_t (*at)[DIGITS], real *to)
{
  const size_t n = j->s.n;
  const ms_item *sorted = sort_items(a, b, n, at), *best = sorted;
  size_t most = 0, run = 0;
  for (size_t i = 0; i < n; i++) {
    const ms_key key = ms_item_key(sorted[i]);
    run++;
    if (i + 1 < n && key == ms_item_key(sorted[i + 1]) && key != (ms_key)-1) continue;
    if (run > most) most = run, best = &sorted[i];
    run = 0;
  }
  *to = position_of(*best);
}

static int sort(ms_span s, const real *x, real *at, int descending)
{
  return run((job){ .s = s, .x = x, .to = at, .k = s.n, .descending = descending,
                    .give = give_first });
}

static int top(ms_span s, const real *x, real *at, size_t k, int descending)
{
  return run((job){ .s = s, .x = x, .to = at, .k = k, .descending = descending,
                    .give = give_first });
}

static int median(ms_span s, const real *x, real *at)
{
  return run((job){ .s = s, .x = x, .to = at, .k = 1, .give = give_median });
}

static int mode(ms_span s, const real *x, real *at)
{
  return run((job){ .s = s, .x = x, .to = at, .k = 1, .give = give_mode });
}

const ms_sorting_kernels MS_K(sorting) = {
  .sort = sort, .top = top, .median = median, .mode = mode,
};
