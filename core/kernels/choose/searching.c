/* Looking numbers up in sorted lists. */
#include "searching.h"

#include <stdint.h>
#include <string.h>

#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

enum { SOME = 1 << 12 };                                 /* values to a chunk */
enum { REGISTERS = 2, TOGETHER = REGISTERS * MS_LANES }; /* values at a time */

/* After h halvings there are 2^h ways to come; numbers of so many halvings fit a register. */
enum { HALVINGS = MS_LANES == 16 ? 5 : MS_LANES == 8 ? 4 : MS_LANES == 4 ? 3 : 2 };

/* Places in a list, as wide as its numbers. */
#ifdef MS_DOUBLE
typedef int64_t list_place;
#else
typedef int32_t list_place;
#endif
typedef list_place places __attribute__((vector_size(MS_VEC_BYTES), may_alias));

typedef struct lookup {
  const real *sorted, *values;
  real *at;
  size_t n, m, lines;
  int one_list, right;
} lookup;

/* table[at], at < MS_LANES */
MS_INLINE vec pick(vec table, places at)
{
#if defined(__AVX512F__) && !defined(MS_DOUBLE)
  return (vec)_mm512_permutexvar_ps((__m512i)at, (__m512)table);
#elif defined(__AVX512F__)
  return (vec)_mm512_permutexvar_pd((__m512i)at, (__m512d)table);
#elif defined(__AVX2__) && !defined(MS_DOUBLE)
  return (vec)_mm256_permutevar8x32_ps((__m256)table, (__m256i)at);
#else
  vec v;
  for (int k = 0; k < MS_LANES; k++) v[k] = table[at[k]];
  return v;
#endif
}

MS_INLINE vec read_places(const real *x, places at)
{
#if defined(__AVX512F__) && !defined(MS_DOUBLE)
  return (vec)_mm512_i32gather_ps((__m512i)at, x, sizeof *x);
#elif defined(__AVX2__) && !defined(MS_DOUBLE)
  return (vec)_mm256_i32gather_ps(x, (__m256i)at, sizeof *x);
#else
  vec v;
  for (int k = 0; k < MS_LANES; k++) v[k] = x[at[k]];
  return v;
#endif
}

/* A list: the numbers that its first halvings look at stand in registers, as many as there are ways
   to come to each. */
typedef struct list {
  vec first[HALVINGS];
  const real *sorted;
  size_t n, halvings;
  int right;
} list;

static list list_of(const lookup *l, const real *sorted)
{
  list s = { .sorted = sorted, .n = l->n, .right = l->right };
  size_t begin[MS_LANES] = { 0 }, n = l->n;
  for (; s.halvings < HALVINGS && n > 1; n -= n / 2) {
    const int ways = 1 << s.halvings;
    for (int k = 0; k < ways; k++) s.first[s.halvings][k] = sorted[begin[k] + n / 2 - 1];
    for (int k = ways; k-- > 0 && 2 * ways <= MS_LANES;)
      begin[2 * k + 1] = begin[k] + n / 2, begin[2 * k] = begin[k];
    s.halvings++;
  }
  return s;
}

/* -1 where the number stands before the value, 0 where the place stays. */
MS_INLINE places stands_before(vec s, vec v, int right)
{
  return ~(places)(right ? s > v : s >= v);
}

/* Moves on by `step` where the number there stands before the value: without a branch, whose way
   nothing could foresee. */
MS_INLINE void move_on(const real *there, size_t step, const vec v[REGISTERS], int right,
                       places at[REGISTERS])
{
  MS_UNROLL
  for (int k = 0; k < REGISTERS; k++)
    at[k] += (list_place)step & stands_before(read_places(there, at[k]), v[k], right);
}

/* The same by the list's first halvings; the number that is left. */
MS_INLINE size_t move_on_first(const list *s, const vec v[REGISTERS], places at[REGISTERS])
{
  size_t n = s->n;
  places way[REGISTERS] = { 0 };
  for (size_t h = 0; h < s->halvings; h++, n -= n / 2)
    MS_UNROLL
    for (int k = 0; k < REGISTERS; k++) {
      const places moves = stands_before(pick(s->first[h], way[k]), v[k], s->right);
      at[k] += (list_place)(n / 2) & moves;
      way[k] += way[k] - moves;
    }
  return n;
}

/* How many of the sorted numbers stand before each of TOGETHER values: halves for all at once, so
   that none waits for another. */
MS_INLINE void before(const list *s, const real *values, real *to)
{
  places at[REGISTERS] = { 0 };
  vec v[REGISTERS];
  memcpy(v, values, sizeof v);
  size_t n = move_on_first(s, v, at);
  for (size_t half = n / 2; n > 1; n -= half, half = n / 2)
    move_on(s->sorted + half - 1, half, v, s->right, at);
  if (s->n) move_on(s->sorted, 1, v, s->right, at);
  MS_UNROLL for (int k = 0; k < REGISTERS; k++)
    *(vec_u *)(to + k * MS_LANES) = __builtin_convertvector(at[k] + 1, vec);
}

/* The same of `count` values, fewer than TOGETHER. */
static void before_few(const list *s, const real *values, size_t count, real *to)
{
  real some[TOGETHER] = { 0 }, at[TOGETHER];
  memcpy(some, values, count * sizeof *some);
  before(s, some, at);
  memcpy(to, at, count * sizeof *to);
}

static void search_some(void *arg, size_t chunk)
{
  const lookup *l = arg;
  const size_t all = l->m * l->lines, end = (chunk + 1) * SOME < all ? (chunk + 1) * SOME : all;
  for (size_t i = chunk * SOME, stop; i < end; i = stop) {
    stop = l->one_list ? end : ms_least(end, (i / l->m + 1) * l->m);
    const list s = list_of(l, l->one_list ? l->sorted : l->sorted + i / l->m * l->n);
    for (; i + TOGETHER <= stop; i += TOGETHER) before(&s, l->values + i, l->at + i);
    if (i < stop) before_few(&s, l->values + i, stop - i, l->at + i);
  }
}

static void search(const real *sorted, size_t n, const real *values, size_t m, size_t lines,
                   int one_list, int right, real *at)
{
  lookup l = { sorted, values, at, n, m, lines, one_list, right };
  ms_parallel((m * lines + SOME - 1) / SOME, search_some, &l);
}

const ms_searching_kernels MS_K(searching) = { .search = search };
