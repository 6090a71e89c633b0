/* Numbers that move between places a pitch apart: rows, and planes turned over. */
#include "strided.h"

#include "simd/isa.h"
#include "simd/stream_store.h"

enum { SIDE = 8, STRIP = 1024 };

/* ---- rows ---------------------------------------------------------------------------------- */
/* Registers, not memcpy, which takes three times as long on some processors where the two sides are
   aligned differently. */
static void copy(const real *from, real *to, size_t n)
{
  enum { FOUR = 4 * MS_LANES };
  size_t i = 0;
  for (; i + FOUR <= n; i += FOUR)
    MS_UNROLL for (int v = 0; v < FOUR; v += MS_LANES)
      *(vec_u *)(to + i + v) = *(const vec_u *)(from + i + v);
  for (; i + MS_LANES <= n; i += MS_LANES) *(vec_u *)(to + i) = *(const vec_u *)(from + i);
  for (; i < n; i++) to[i] = from[i];
}

static void row(const real *from, ptrdiff_t from_pitch, real *to, ptrdiff_t to_pitch, size_t n)
{
  if (from_pitch == 1 && to_pitch == 1) copy(from, to, n);
  else if (from_pitch == 0 && to_pitch == 1) {
    const real value = *from;
    for (size_t i = 0; i < n; i++) to[i] = value;
  } else if (from_pitch == -1 && to_pitch == 1) {
    for (size_t i = 0; i < n; i++) to[i] = from[-(ptrdiff_t)i];
  } else if (to_pitch == 1) {
    for (size_t i = 0; i < n; i++) to[i] = from[(ptrdiff_t)i * from_pitch];
  } else {
    for (size_t i = 0; i < n; i++) to[(ptrdiff_t)i * to_pitch] = from[(ptrdiff_t)i * from_pitch];
  }
}

static void row_past(const real *from, ptrdiff_t from_pitch, real *to, size_t n)
{
  _Alignas(MS_VEC_BYTES) real room[STRIP];
  if (from_pitch == 1) ms_stream_row(to, from, n);
  else if (!from_pitch) row(from, 0, room, 1, n < STRIP ? n : STRIP);
  for (size_t i = 0; from_pitch != 1 && i < n; i += STRIP) {
    const size_t some = n - i < STRIP ? n - i : STRIP;
    if (from_pitch) row(from + (ptrdiff_t)i * from_pitch, from_pitch, room, 1, some);
    ms_stream_row(to + i, room, some);
  }
  ms_stream_done();
}

static void add(const real *from, real *to, ptrdiff_t to_pitch, size_t n)
{
  if (to_pitch == 1)
    for (size_t i = 0; i < n; i++) to[i] += from[i];
  else
    for (size_t i = 0; i < n; i++) to[(ptrdiff_t)i * to_pitch] += from[i];
}

/* ---- planes turned over: squares of 8 x 8 in registers -------------------------------------- */
typedef real side
    __attribute__((vector_size(SIDE * sizeof(real)), may_alias, aligned(sizeof(real))));

#define LOW(a, b)    __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b)   __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define PAIRS(a, b)  __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define OTHERS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define FIRST(a, b)  __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define SECOND(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

MS_INLINE void square(const real *from, ptrdiff_t from_pitch, real *to, ptrdiff_t to_pitch)
{
  side a[SIDE], b[SIDE];
  MS_UNROLL for (int c = 0; c < SIDE; c++) a[c] = *(const side *)(from + c * from_pitch);
  MS_UNROLL for (int i = 0; i < SIDE; i += 2)
  {
    b[i] = LOW(a[i], a[i + 1]);
    b[i + 1] = HIGH(a[i], a[i + 1]);
  }
  MS_UNROLL for (int i = 0; i < SIDE; i += 4)
  {
    MS_UNROLL for (int k = 0; k < 2; k++)
    {
      a[i + 2 * k] = PAIRS(b[i + k], b[i + 2 + k]);
      a[i + 2 * k + 1] = OTHERS(b[i + k], b[i + 2 + k]);
    }
  }
  MS_UNROLL for (int r = 0; r < 4; r++)
  {
    *(side *)(to + r * to_pitch) = FIRST(a[r], a[r + 4]);
    *(side *)(to + (r + 4) * to_pitch) = SECOND(a[r], a[r + 4]);
  }
}

static void turn(const real *from, ptrdiff_t from_pitch, real *to, ptrdiff_t to_pitch, size_t rows,
                 size_t columns)
{
  const size_t whole_rows = rows - rows % SIDE, whole = columns - columns % SIDE;
  for (size_t r = 0; r < whole_rows; r += SIDE)
    for (size_t c = 0; c < whole; c += SIDE)
      square(from + r + (ptrdiff_t)c * from_pitch, from_pitch,
             to + (ptrdiff_t)r * to_pitch + c, to_pitch);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = r < whole_rows ? whole : 0; c < columns; c++)
      to[(ptrdiff_t)r * to_pitch + (ptrdiff_t)c] = from[(ptrdiff_t)r + (ptrdiff_t)c * from_pitch];
}

const ms_strided_kernels MS_K(strided) = {
  .row = row, .row_past = row_past, .turn = turn, .add = add,
};
