/* Sums, over everything or along one dimension; partial sums in a fixed order. */
#include "reductions.h"

#include <stdlib.h>

#include "../base/memory.h"
#include "../base/thread_pool.h"
#include "reduce/span.h"
#include "simd/isa.h"

enum { PIECE = 1 << 14, RUN = 512, WIDE = 64, GROUP = 128, MOST_GROUP = 1024 };

typedef struct job {
  void (*loop)(const real *a, const real *b, size_t n, real part[WIDE]);
  const real *a, *b;
  size_t n;
  double *partial;
} job;

/* Short runs are summed in `real` over WIDE lanes, the runs' sums in double, lane by lane. */
#define SUM_LOOP(name, term)                                                              \
  static void name##_loop(const real *a, const real *b, size_t n, real part[WIDE])        \
  {                                                                                       \
    (void)b;                                                                              \
    real lane[WIDE] = { 0 };                                                              \
    size_t i = 0;                                                                         \
    for (; i + WIDE <= n; i += WIDE)                                                      \
      for (int k = 0; k < WIDE; k++) {                                                    \
        size_t at = i + (size_t)k;                                                        \
        lane[k] += term;                                                                  \
      }                                                                                   \
    for (size_t at = i; at < n; at++) lane[at - i] += term;                               \
    for (int k = 0; k < WIDE; k++) part[k] = lane[k];                                     \
  }

static inline real magnitude(real v) { return v < 0 ? -v : v; }

SUM_LOOP(sum, a[at])
SUM_LOOP(sum_abs, magnitude(a[at] - b[at]))
SUM_LOOP(sum_square, (a[at] - b[at]) * (a[at] - b[at]))

/* The run after this one is on its way while this one is added: the processor fetches ahead only
   while it reads without a break. */
static void fetch_next(const real *next)
{
  for (size_t k = 0; k < RUN; k += 64 / sizeof *next) __builtin_prefetch(next + k);
}

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t first = chunk * PIECE, end = first + PIECE < j->n ? first + PIECE : j->n;
  double lane[WIDE] = { 0 };
  for (size_t i = first; i < end; i += RUN) {
    real part[WIDE];
    fetch_next(j->a + i + RUN);
    j->loop(j->a + i, j->b ? j->b + i : NULL, end - i < RUN ? end - i : RUN, part);
    for (int k = 0; k < WIDE; k++) lane[k] += (double)part[k];
  }
  for (int half = WIDE / 2; half; half /= 2)
    for (int k = 0; k < half; k++) lane[k] += lane[k + half];
  j->partial[chunk] = lane[0];
}

static double run(job j)
{
  enum { STACK = 512 };
  double room[STACK], total = 0;
  size_t chunks = (j.n + PIECE - 1) / PIECE;
  /* Pieces go through a fixed room, one room-full after another: no memory, fixed order. */
  for (size_t c = 0; c < chunks; c += STACK) {
    size_t now = chunks - c < STACK ? chunks - c : STACK;
    job part = j;
    part.a = j.a + c * PIECE;
    part.b = j.b ? j.b + c * PIECE : NULL;
    part.n = j.n - c * PIECE < now * PIECE ? j.n - c * PIECE : now * PIECE;
    part.partial = room;
    ms_parallel(now, piece, &part);
    for (size_t i = 0; i < now; i++) total += room[i];
  }
  return total;
}

static double sum(const real *x, size_t n)
{
  return run((job){ .loop = sum_loop, .a = x, .n = n });
}

static double sum_abs_difference(const real *a, const real *b, size_t n)
{
  return run((job){ .loop = sum_abs_loop, .a = a, .b = b, .n = n });
}

static double sum_square_difference(const real *a, const real *b, size_t n)
{
  return run((job){ .loop = sum_square_loop, .a = a, .b = b, .n = n });
}

/* ---- along one dimension: a chunk is a group of columns of one block, or some rows
   ------------ */
typedef struct along {
  const real *x;
  real *y;
  size_t outer, n, inner, wide, groups, step;
} along;

enum { LINES = 8 };

/* part (wide) += LINES rows of x, one after the other: the processor fetches ahead in each, and
   sums are read and written once for all of them. */
static void add_lines(const real *x, size_t inner, size_t wide, double *part)
{
  for (size_t k = 0; k < wide; k++) {
    double sum = part[k];
    MS_UNROLL for (size_t r = 0; r < LINES; r++) sum += (double)x[r * inner + k];
    part[k] = sum;
  }
}

static void columns(void *arg, size_t chunk)
{
  const along *j = arg;
  const size_t o = chunk / j->groups, first = chunk % j->groups * j->wide, inner = j->inner;
  const size_t wide = inner - first < j->wide ? inner - first : j->wide;
  const real *x = j->x + o * j->n * inner + first;
  double part[MOST_GROUP];
  size_t i = 0;
  for (size_t k = 0; k < wide; k++) part[k] = 0;
  for (; i + LINES <= j->n; i += LINES, x += LINES * inner) add_lines(x, inner, wide, part);
  for (; i < j->n; i++, x += inner)
    for (size_t k = 0; k < wide; k++) part[k] += (double)x[k];
  for (size_t k = 0; k < wide; k++) j->y[o * inner + first + k] = (real)part[k];
}

static void whole_rows(void *arg, size_t chunk)
{
  const along *j = arg;
  const size_t end = (chunk + 1) * j->step < j->outer ? (chunk + 1) * j->step : j->outer;
  for (size_t o = chunk * j->step; o < end; o++) j->y[o] = (real)sum(j->x + o * j->n, j->n);
}

typedef struct turned {
  ms_span_cut cut;
  const real *x;
  real *y;
} turned;

/* Short rows side by side: the same sums, number after number in double. */
static void short_rows(void *arg, size_t chunk)
{
  const ms_span_cut *c = &((const turned *)arg)->cut;
  real room[MS_SPAN_SHORT * MS_SPAN_PITCH], *y = ((const turned *)arg)->y;
  size_t pitch;
  MS_SPAN_EACH(c, chunk, s) {
    const real *x = ms_span_columns(c, &s, ((const turned *)arg)->x, &pitch, room);
    double part[GROUP] = { 0 };
    for (size_t i = 0; i < c->span.n; i++, x += pitch)
      for (size_t k = 0; k < s.wide; k++) part[k] += (double)x[k];
    for (size_t k = 0; k < s.wide; k++) y[s.first + k] = (real)part[k];
  }
}

/* Columns to a chunk: many, so that rows are read in long runs, but chunks for some threads. */
static size_t group_of(size_t outer, size_t inner)
{
  enum { CHUNKS = 64 };
  const size_t wide = outer * inner / CHUNKS / GROUP * GROUP;
  return wide < GROUP ? GROUP : wide > MOST_GROUP ? MOST_GROUP : wide;
}

static void sum_along(const real *x, real *y, size_t outer, size_t n, size_t inner)
{
  turned t = { ms_span_cut_rows((ms_span){ outer, n, inner }), x, y };
  if (t.cut.turned) {
    ms_parallel(t.cut.chunks, short_rows, &t);
    return;
  }
  const size_t wide = group_of(outer, inner);
  along j = { x, y, outer, n, inner, wide, (inner + wide - 1) / wide, PIECE / (n + 1) + 1 };
  if (inner == 1) ms_parallel((outer + j.step - 1) / j.step, whole_rows, &j);
  else ms_parallel(outer * j.groups, columns, &j);
}

const ms_reductions_kernels MS_K(reductions) = {
  .sum = sum, .sum_abs_difference = sum_abs_difference,
  .sum_square_difference = sum_square_difference, .sum_along = sum_along,
};
