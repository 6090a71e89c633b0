/* Positions of the largest and the smallest numbers along one dimension. */
#include "extremes.h"

#include <math.h>
#include <stdint.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { BLOCK = 1 << 10, WIDE = 64 };

/* As wide as a number, so that both are compared side by side. */
#ifdef MS_DOUBLE
typedef int64_t place;
#else
typedef int32_t place;
#endif

typedef struct best {
  real value;
  size_t at;
} best;

/* Whether v goes before m: larger, or the first NaN. */
static inline int above(real v, real m)
{
  return (v > m) | ((v != v) & (m == m));
}

static inline int below(real v, real m)
{
  return (v < m) | ((v != v) & (m == m));
}

/* A row block by block: only the block with the best number is searched for it. */
#define EXTREME(name, before)                                                             \
  static real name##_value(const real *x, size_t n)                                       \
  {                                                                                       \
    real lane[WIDE], m = x[0];                                                            \
    size_t i = 0;                                                                         \
    for (int k = 0; k < WIDE; k++) lane[k] = x[0];                                        \
    for (; i + WIDE <= n; i += WIDE)                                                      \
      for (int k = 0; k < WIDE; k++) {                                                    \
        const real v = x[i + (size_t)k];                                                  \
        lane[k] = before(v, lane[k]) ? v : lane[k];                                       \
      }                                                                                   \
    for (; i < n; i++) m = before(x[i], m) ? x[i] : m;                                    \
    for (int k = 0; k < WIDE; k++) m = before(lane[k], m) ? lane[k] : m;                  \
    return m;                                                                             \
  }                                                                                       \
  static best name##_row(const real *x, size_t n)                                         \
  {                                                                                       \
    best b = { name##_value(x, ms_least(BLOCK, n)), 0 };                                  \
    for (size_t i = BLOCK; i < n; i += BLOCK) {                                           \
      const real v = name##_value(x + i, ms_least(BLOCK, n - i));                         \
      if (before(v, b.value)) b = (best){ v, i };                                         \
    }                                                                                     \
    while (x[b.at] != b.value && (b.value == b.value || x[b.at] == x[b.at])) b.at++;      \
    return b;                                                                             \
  }                                                                                       \
  static void name##_columns(const real *x, size_t n, size_t pitch, size_t wide, best *to) \
  {                                                                                       \
    real value[MS_SPAN_GROUP];                                                            \
    place at[MS_SPAN_GROUP] = { 0 };                                                      \
    for (size_t k = 0; k < wide; k++) value[k] = x[k];                                    \
    for (size_t i = 1; i < n; i++)                                                        \
      for (size_t k = 0; k < wide; k++) {                                                 \
        const real v = x[i * pitch + k];                                                  \
        const int better = before(v, value[k]);                                           \
        value[k] = better ? v : value[k];                                                 \
        at[k] = better ? (place)i : at[k];                                                \
      }                                                                                   \
    for (size_t k = 0; k < wide; k++) to[k] = (best){ value[k], (size_t)at[k] };          \
  }

EXTREME(largest, above)
EXTREME(smallest, below)

typedef struct job {
  ms_span_cut cut;
  const real *x;
  real *to;
  size_t *place; /* or NULL: of the only result, from 0, instead of `to` */
  int least;
  best *partial; /* (outer, pieces, inner), or NULL */
} job;

static void give(const job *j, size_t to, best b)
{
  if (j->place) *j->place = b.at;
  else j->to[to] = (real)(b.at + 1);
}

static void extremes_some(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t inner = j->cut.span.inner;
  real turned[MS_SPAN_SHORT * MS_SPAN_PITCH];
  size_t pitch;
  MS_SPAN_EACH(&j->cut, chunk, s) {
    best room[MS_SPAN_GROUP], *to = j->partial ? j->partial + ms_span_partial(&j->cut, &s) : room;
    const real *x = ms_span_columns(&j->cut, &s, j->x, &pitch, turned);
    const size_t n = s.end - s.from;
    if (inner == 1) *to = j->least ? smallest_row(x, n) : largest_row(x, n);
    else (j->least ? smallest_columns : largest_columns)(x, n, pitch, s.wide, to);
    for (size_t k = 0; !j->partial && k < s.wide; k++)
      give(j, ms_span_to(&j->cut, &s) + k, room[k]);
  }
}

static void join_pieces(const job *j)
{
  const ms_span s = j->cut.span;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t k = 0; k < s.inner; k++) {
      const best *part = j->partial + o * j->cut.pieces * s.inner + k;
      best b = *part;
      for (size_t i = 1; i < j->cut.pieces; i++) {
        const best p = part[i * s.inner];
        if ((j->least ? below : above)(p.value, b.value))
          b = (best){ p.value, p.at + i * j->cut.length };
      }
      give(j, o * s.inner + k, b);
    }
}

static int find(job j)
{
  static ms_scratch_key key;
  const ms_span s = j.cut.span;
  if (j.cut.pieces > 1) {
    j.partial = ms_scratch(&key, s.outer * j.cut.pieces * s.inner * sizeof *j.partial);
    if (!j.partial) return -1;
  }
  ms_parallel(j.cut.chunks, extremes_some, &j);
  if (j.partial) join_pieces(&j);
  return 0;
}

static int positions(ms_span s, const real *x, real *at, int least)
{
  return find((job){ .cut = ms_span_cut_rows(s), .x = x, .to = at, .least = least });
}

static int position(const real *x, size_t n, int least, size_t *at)
{
  const ms_span s = { 1, n, 1 };
  return find((job){ .cut = ms_span_cut_of(s, 1), .x = x, .place = at, .least = least });
}

const ms_extremes_kernels MS_K(extremes) = { .positions = positions, .position = position };
