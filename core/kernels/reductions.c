/* Sums, over everything or along one dimension; partial sums in a fixed order. */
#include "reductions.h"

#include <stdlib.h>

#include "../base/memory.h"
#include "../base/thread_pool.h"
#include "reduce/span.h"
#include "simd/isa.h"

enum { PIECE = 1 << 14, RUN = 512, WIDE = 64, GROUP = 128 };

typedef struct job {
  void (*loop)(const real *a, const real *b, size_t n, real part[WIDE]);
  const real *a, *b;
  size_t n;
  double *partial;
} job;

/* Short runs are summed in `real` over WIDE lanes, the runs' sums in double. */
#define SUM_LOOP(name, term)                                                              \
  static void name##_loop(const real *a, const real *b, size_t n, real part[WIDE])        \
  {                                                                                       \
    (void)b;                                                                              \
    size_t i = 0;                                                                         \
    for (int k = 0; k < WIDE; k++) part[k] = 0;                                           \
    for (; i + WIDE <= n; i += WIDE)                                                      \
      for (int k = 0; k < WIDE; k++) {                                                    \
        size_t at = i + (size_t)k;                                                        \
        part[k] += term;                                                                  \
      }                                                                                   \
    for (size_t at = i; at < n; at++) part[at - i] += term;                               \
  }

static inline real magnitude(real v) { return v < 0 ? -v : v; }

SUM_LOOP(sum, a[at])
SUM_LOOP(sum_abs, magnitude(a[at] - b[at]))
SUM_LOOP(sum_square, (a[at] - b[at]) * (a[at] - b[at]))

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  size_t first = chunk * PIECE, end = first + PIECE < j->n ? first + PIECE : j->n;
  double sum = 0;
  for (size_t i = first; i < end; i += RUN) {
    real part[WIDE];
    j->loop(j->a + i, j->b ? j->b + i : NULL, end - i < RUN ? end - i : RUN, part);
    for (int k = 0; k < WIDE; k++) sum += (double)part[k];
  }
  j->partial[chunk] = sum;
}

static double run(job j)
{
  enum { STACK = 64 };
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
  size_t outer, n, inner, groups, step;
} along;

static void columns(void *arg, size_t chunk)
{
  const along *j = arg;
  const size_t o = chunk / j->groups, first = chunk % j->groups * GROUP;
  const size_t wide = j->inner - first < GROUP ? j->inner - first : GROUP;
  const real *x = j->x + o * j->n * j->inner + first;
  double part[GROUP] = { 0 };
  for (size_t i = 0; i < j->n; i++, x += j->inner)
    for (size_t k = 0; k < wide; k++) part[k] += (double)x[k];
  for (size_t k = 0; k < wide; k++) j->y[o * j->inner + first + k] = (real)part[k];
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

static void sum_along(const real *x, real *y, size_t outer, size_t n, size_t inner)
{
  turned t = { ms_span_cut_rows((ms_span){ outer, n, inner }), x, y };
  if (t.cut.turned) {
    ms_parallel(t.cut.chunks, short_rows, &t);
    return;
  }
  along j = { x, y, outer, n, inner, (inner + GROUP - 1) / GROUP, PIECE / (n + 1) + 1 };
  if (inner == 1) ms_parallel((outer + j.step - 1) / j.step, whole_rows, &j);
  else ms_parallel(outer * j.groups, columns, &j);
}

const ms_reductions_kernels MS_K(reductions) = {
  .sum = sum, .sum_abs_difference = sum_abs_difference,
  .sum_square_difference = sum_square_difference, .sum_along = sum_along,
};
