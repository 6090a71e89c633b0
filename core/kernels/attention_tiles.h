/* The products of attention, on tiles of a head that lie in scratch memory with queries in the
   lanes of registers: TALL rows by WIDE columns at a time. */
#ifndef MS_ATTENTION_TILES_H
#define MS_ATTENTION_TILES_H

#include "simd/operand.h"

/* The sums, a row of b and a number of a fill the registers. */
enum { TALL = MS_VEC_BYTES == 64 ? 13 : 6, WIDE = 2 * MS_LANES };

/* c = c keep + a b; c, of TALL rows: c[i * c_step + l], a: a[q * a_step + i] or, where `turned`,
   a[i * WIDE + q]; b: b[q * b_step + l]; q below depth. */
typedef struct tile {
  const real *a;
  size_t a_step;
  const real *b;
  size_t b_step, depth;
  real *c;
  size_t c_step;
  const real *keep; /* a factor for every column, or NULL: c is written alone */
} tile;

MS_INLINE void tile_product(const tile *t, const size_t a_row, const size_t vecs)
{
  vec sum[TALL][2];
  const real *a = t->a, *b = t->b;
  const size_t a_step = t->a_step, b_step = t->b_step;
  MS_UNROLL for (int i = 0; i < TALL; i++) sum[i][0] = sum[i][1] = (vec){ 0 };
  for (size_t q = 0; q < t->depth; q++, a += a_step, b += b_step) {
    const vec left = *(const vec_u *)b, right = vecs > 1 ? *(const vec_u *)(b + MS_LANES) : left;
    MS_UNROLL for (int i = 0; i < TALL; i++) {
      const vec x = ms_broadcast(a + (size_t)i * a_row);
      sum[i][0] += x * left;
      if (vecs > 1) sum[i][1] += x * right;
    }
  }
  MS_UNROLL for (int i = 0; i < TALL; i++)
    MS_UNROLL for (size_t v = 0; v < vecs; v++) {
      vec_u *c = (vec_u *)(t->c + (size_t)i * t->c_step + v * MS_LANES);
      if (t->keep) sum[i][v] += *c * *(const vec_u *)(t->keep + v * MS_LANES);
      *c = sum[i][v];
    }
}

static __attribute__((noinline)) void tile_both(const tile *t)
{
  tile_product(t, 1, 2);
}

/* The first register of columns alone. */
static __attribute__((noinline)) void tile_one(const tile *t)
{
  tile_product(t, 1, 1);
}

static __attribute__((noinline)) void tile_turned(const tile *t)
{
  tile_product(t, WIDE, 2);
}

#endif
