/* Positions of numbers in their order along one dimension. */
#include "sorting.h"

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"
#include "item_order.h"

/* Lines so short, and at least so many of them, go through the network together. */
enum { SHORT = 256, SEVERAL = 4, FEW = 1 << 10, BLOCK = 256, FEW_RANKS = 4 };

/* ---- the k smallest of many ------------------------------------------------------------------ */
static ms_item largest_of(const ms_item *a, size_t n)
{
  ms_item most = a[0];
  for (size_t i = 1; i < n; i++) most = a[i] > most ? a[i] : most;
  return most;
}

/* Few of many: only what is smaller than the k-th so far is looked at again. */
static void select_few(ms_item *a, ms_item *b, size_t n, size_t k, void *room)
{
  const size_t most = 4 * k;
  size_t fill = 2 * k;
  memcpy(b, a, fill * sizeof *b);
  MS_K(select_items)(b, b + most, fill, k, room);
  ms_item limit = largest_of(b, k);
  fill = k;
  for (size_t i = 2 * k; i < n; i++) {
    if (a[i] >= limit) continue;
    b[fill++] = a[i];
    if (fill < most) continue;
    MS_K(select_items)(b, b + most, fill, k, room);
    limit = largest_of(b, k);
    fill = k;
  }
  MS_K(select_items)(b, b + most, fill, k, room);
  memcpy(a, b, k * sizeof *a);
}

/* ---- lines of a tensor ----------------------------------------------------------------------- */
typedef struct job {
  ms_span s;
  const real *x, *rank; /* rank: k of them, for ranks */
  real *to;
  size_t k, lines, wide, step;
  int descending;
  _Atomic int failed;
  /* Puts a line's items in as much order as is needed: a or b. */
  ms_item *(*order)(const struct job *j, ms_item *a, ms_item *b, void *room);
  /* What is asked for, of items that are `step` apart. */
  void (*give)(const struct job *j, const ms_item *a, size_t step, real *to);
} job;

/* Where the line begins in (outer, n, inner). */
static size_t begin_of(const job *j, size_t line, size_t n)
{
  return line / j->s.inner * n * j->s.inner + line % j->s.inner;
}

/* Keys of `count` numbers that are `inner` apart. */
static void read_keys(const real *x, size_t inner, size_t count, int descending, ms_key *keys)
{
  if (inner == 1)
    for (size_t i = 0; i < count; i++) keys[i] = ms_key_of(x[i], descending);
  else
    for (size_t i = 0; i < count; i++) keys[i] = ms_key_of(x[i * inner], descending);
}

/* The items of a line, `step` apart. */
static void read_items(const job *j, const real *x, ms_item *items, size_t step)
{
  ms_key keys[BLOCK];
  for (size_t first = 0; first < j->s.n; first += BLOCK) {
    const size_t count = ms_least(BLOCK, j->s.n - first);
    read_keys(x + first * j->s.inner, j->s.inner, count, j->descending, keys);
    for (size_t i = 0; i < count; i++)
      items[(first + i) * step] = ms_item_of(keys[i], first + i);
  }
}

static void one_group(const job *j, size_t first, ms_item *items, void *room)
{
  const size_t n = j->s.n, wide = ms_least(j->wide, j->lines - first);
  const int together = j->wide > 1;
  if (together && wide < j->wide) memset(items, 0, n * j->wide * sizeof *items);
  for (size_t k = 0; k < wide; k++)
    read_items(j, j->x + begin_of(j, first + k, n), items + k, j->wide);
  if (together) MS_K(order_columns)(items, n);
  for (size_t k = 0; k < wide; k++) {
    real *to = j->to + begin_of(j, first + k, j->k);
    if (together) j->give(j, items + k, j->wide, to);
    else j->give(j, j->order(j, items, items + n, room), 1, to);
  }
}

static void some_lines(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t items = (j->wide > 1 ? j->wide : 2) * j->s.n;
  const size_t end = ms_least((chunk + 1) * j->step, j->lines);
  ms_item *room = ms_alloc(items * sizeof *room + MS_K(item_room)(j->s.n));
  if (!room) {
    j->failed = 1;
    return;
  }
  for (size_t first = chunk * j->step; first < end; first += j->wide)
    one_group(j, first, room, room + items);
  ms_free(room);
}

static int run(job j)
{
  j.lines = j.s.outer * j.s.inner;
  if (!j.s.n || !j.lines) return 0;
  j.wide = j.s.n <= SHORT && j.lines >= SEVERAL ? MS_ITEM_COLUMNS : 1;
  j.step = (FEW / (j.s.n * j.wide) + 1) * j.wide;
  const size_t chunks = (j.lines + j.step - 1) / j.step;
  /* A line by all threads, or all lines by one thread each. */
  if (chunks < 4 && j.s.n >= MS_ITEM_LONG)
    for (size_t c = 0; c < chunks; c++) some_lines(&j, c);
  else ms_parallel(chunks, some_lines, &j);
  return j.failed ? ms_fail("sorting: there is no memory for %zu numbers at a time", j.s.n) : 0;
}

/* ---- what is asked for ----------------------------------------------------------------------- */
static real position_of(ms_item item)
{
  return (real)(ms_item_place(item) + 1);
}

static ms_item *order_all(const job *j, ms_item *a, ms_item *b, void *room)
{
  return MS_K(order_items)(a, b, j->s.n, room);
}

static ms_item *order_first(const job *j, ms_item *a, ms_item *b, void *room)
{
  const size_t n = j->s.n, k = j->k;
  if (8 * k <= n) select_few(a, b, n, k, room);
  else if (k < n) MS_K(select_items)(a, b, n, k, room);
  return MS_K(order_items)(a, b, k, room);
}

static void give_first(const job *j, const ms_item *a, size_t step, real *to)
{
  for (size_t i = 0; i < j->k; i++) to[i * j->s.inner] = position_of(a[i * step]);
}

static size_t nans_of(const ms_item *a, size_t n, size_t step)
{
  size_t nans = 0;
  for (size_t i = 0; i < n; i++) nans += ms_item_key(a[i * step]) == (ms_key)-1;
  return nans;
}

/* Where a NaN is, every rank is that of the first of them. */
static size_t rank_of(const job *j, size_t i, size_t nans)
{
  return nans ? j->s.n - nans : (size_t)j->rank[i];
}

/* The largest of j->rank below `limit`; `limit` where none is. */
static size_t rank_below(const job *j, size_t limit, size_t nans)
{
  size_t most = limit;
  for (size_t i = 0; i < j->k; i++) {
    const size_t rank = rank_of(j, i, nans);
    if (rank < limit && (most == limit || rank > most)) most = rank;
  }
  return most;
}

/* The item of rank k to its place; those below it come before. */
static void place_rank(ms_item *a, ms_item *b, size_t n, size_t k, void *room)
{
  MS_K(select_items)(a, b, n, k + 1, room);
  const ms_item most = largest_of(a, k + 1);
  for (size_t i = 0; i < k; i++)
    if (a[i] == most) a[i] = a[k];
  a[k] = most;
}

/* Few ranks of a line, from the last one on. */
static ms_item *order_ranks(const job *j, ms_item *a, ms_item *b, void *room)
{
  const size_t nans = nans_of(a, j->s.n, 1);
  size_t n = j->s.n;
  for (size_t rank; (rank = rank_below(j, n, nans)) < n; n = rank)
    place_rank(a, b, n, rank, room);
  return a;
}

static void give_ranks(const job *j, const ms_item *a, size_t step, real *to)
{
  const size_t nans = nans_of(a, j->s.n, step);
  for (size_t i = 0; i < j->k; i++)
    to[i * j->s.inner] = position_of(a[rank_of(j, i, nans) * step]);
}

/* The rank of the lower median, or of the first NaN. */
static size_t middle(const ms_item *a, size_t n, size_t step)
{
  const size_t nans = nans_of(a, n, step);
  return nans ? n - nans : (n - 1) / 2;
}

static ms_item *order_middle(const job *j, ms_item *a, ms_item *b, void *room)
{
  place_rank(a, b, j->s.n, middle(a, j->s.n, 1), room);
  return a;
}

static void give_middle(const job *j, const ms_item *a, size_t step, real *to)
{
  *to = position_of(a[middle(a, j->s.n, step) * step]);
}

static void give_mode(const job *j, const ms_item *a, size_t step, real *to)
{
  const size_t n = j->s.n;
  size_t most = 0, run = 0;
  for (size_t i = 0; i < n; i++) {
    const ms_key key = ms_item_key(a[i * step]);
    run++;
    if (i + 1 < n && key == ms_item_key(a[(i + 1) * step]) && key != (ms_key)-1) continue;
    if (run > most) most = run, *to = position_of(a[i * step]);
    run = 0;
  }
}

static int sort(ms_span s, const real *x, real *at, int descending)
{
  return run((job){ .s = s, .x = x, .to = at, .k = s.n, .descending = descending,
                    .order = order_all, .give = give_first });
}

static int top(ms_span s, const real *x, real *at, size_t k, int descending)
{
  return run((job){ .s = s, .x = x, .to = at, .k = k, .descending = descending,
                    .order = order_first, .give = give_first });
}

static int median(ms_span s, const real *x, real *at)
{
  return run((job){ .s = s, .x = x, .to = at, .k = 1, .order = order_middle,
                    .give = give_middle });
}

static int ranks(ms_span s, const real *x, const real *rank, size_t k, real *at)
{
  return run((job){ .s = s, .x = x, .to = at, .rank = rank, .k = k,
                    .order = k <= FEW_RANKS ? order_ranks : order_all, .give = give_ranks });
}

static int mode(ms_span s, const real *x, real *at)
{
  return run((job){ .s = s, .x = x, .to = at, .k = 1, .order = order_all, .give = give_mode });
}

const ms_sorting_kernels MS_K(sorting) = {
  .sort = sort, .top = top, .median = median, .ranks = ranks, .mode = mode,
};
