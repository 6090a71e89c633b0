/* Weights in the order in which the tiles read them. */
#include "conv_pack.h"

#include <string.h>

#include "../../../base/thread_pool.h"
#include "../../simd/shuffle.h"

typedef struct packing {
  const ms_conv_matrix *m;
  operand *to;
} packing;

enum { PACK_ROWS = 32 };

static size_t row_groups(const ms_conv_matrix *m)
{
  return (m->row_inner + PACK_ROWS - 1) / PACK_ROWS;
}

/* Where a block's columns lie, seen from a row's place. */
static void column_offsets(const ms_conv_matrix *m, size_t first, size_t count, ptrdiff_t *at)
{
  for (size_t j = first; j < first + count; j++)
    *at++ = (ptrdiff_t)(j / m->column_inner) * m->tap +
            (ptrdiff_t)(j % m->column_inner) * m->column;
}

typedef real quad __attribute__((vector_size(4 * sizeof(real)), may_alias,
                                 aligned(sizeof(real))));
#ifdef MS_DOUBLE
typedef long long places __attribute__((vector_size(32)));
#else
typedef int places __attribute__((vector_size(16)));
#endif

/* Four columns of four neighbours each become four rows of four neighbours. */
static void transpose_quad(const real *const from[4], real *to, size_t step)
{
  const quad a = *(const quad *)from[0], b = *(const quad *)from[1];
  const quad c = *(const quad *)from[2], d = *(const quad *)from[3];
  const places low = { 0, 4, 1, 5 }, high = { 2, 6, 3, 7 };
  const places first = { 0, 1, 4, 5 }, second = { 2, 3, 6, 7 };
  const quad ab = MS_SHUFFLE_TWO(a, b, low), cd = MS_SHUFFLE_TWO(c, d, low);
  const quad ab2 = MS_SHUFFLE_TWO(a, b, high), cd2 = MS_SHUFFLE_TWO(c, d, high);
  *(quad *)to = MS_SHUFFLE_TWO(ab, cd, first);
  *(quad *)(to + step) = MS_SHUFFLE_TWO(ab, cd, second);
  *(quad *)(to + 2 * step) = MS_SHUFFLE_TWO(ab2, cd2, first);
  *(quad *)(to + 3 * step) = MS_SHUFFLE_TWO(ab2, cd2, second);
}

/* Rows and columns that are whole quads, where a column's numbers lie side by side. */
static void pack_across(const real *from, size_t rows, const ptrdiff_t *at, size_t count,
                        size_t whole, real *to)
{
  for (size_t j = 0; j < count; j += 4)
    for (size_t i = 0; i < rows; i += 4) {
      const real *const column[4] = { from + at[j] + i, from + at[j + 1] + i,
                                      from + at[j + 2] + i, from + at[j + 3] + i };
      transpose_quad(column, to + i * whole + j, whole);
    }
  for (size_t i = 0; i < rows; i++)
    for (size_t j = count; j < whole; j++) to[i * whole + j] = 0;
}

/* `rows` rows of one block; `whole` numbers to a packed row, of which `count` exist. */
static void pack_block(const real *from, ptrdiff_t row, size_t rows, const ptrdiff_t *at,
                       size_t count, size_t whole, real *to)
{
  const int together = at[count - 1] - at[0] == (ptrdiff_t)count - 1;
  if (row == 1 && rows % 4 == 0 && count % 4 == 0) {
    pack_across(from, rows, at, count, whole, to);
    return;
  }
  for (size_t i = 0; i < rows; i++, from += row, to += whole) {
    if (together)
      memcpy(to, from + at[0], count * sizeof *to);
    else
      for (size_t j = 0; j < count; j++) to[j] = from[at[j]];
    for (size_t j = count; j < whole; j++) to[j] = 0;
  }
}

#ifdef __AVX512BF16__
/* Rows as pack_block left them, two and two; after an odd last row come zeros. */
static void pack_words(const real *from, size_t rows, size_t whole, operand *to)
{
  for (size_t i = 0; i < rows; i += 2, from += 2 * whole, to += whole)
    for (size_t j = 0; j < whole; j += MS_LANES) {
      const vec early = *(const vec *)(from + j);
      const vec late = i + 1 < rows ? *(const vec *)(from + whole + j) : (vec){ 0 };
      *(operands *)(to + j) = ms_pairs(early, late);
    }
}
#endif

/* A chunk is a group of rows of one tap. */
static void pack_group(void *arg, size_t chunk)
{
  const packing *p = arg;
  const ms_conv_matrix *m = p->m;
  const size_t groups = row_groups(m), tap = chunk / groups, first = chunk % groups * PACK_ROWS;
  const size_t rows = m->row_inner - first < PACK_ROWS ? m->row_inner - first : PACK_ROWS;
  const size_t columns = m->column_taps * m->column_inner, vectors = ms_conv_vectors(columns);
  const size_t words_of = ms_conv_operands(m->row_inner);
  const size_t row = tap * words_of + first / MS_PER_OPERAND;
  const real *from = m->weight + (ptrdiff_t)tap * m->tap + (ptrdiff_t)first * m->row;
  ptrdiff_t at[3 * MS_LANES];
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t whole = wide * MS_LANES, left = columns - v * MS_LANES;
    const size_t count = left < whole ? left : whole;
    column_offsets(m, v * MS_LANES, count, at);
    operand *to = p->to + v * MS_LANES * m->row_taps * words_of + row * whole;
#ifdef __AVX512BF16__
    real room[PACK_ROWS * 3 * MS_LANES] __attribute__((aligned(MS_VEC_BYTES)));
    pack_block(from, m->row, rows, at, count, whole, room);
    pack_words(room, rows, whole, to);
#else
    pack_block(from, m->row, rows, at, count, whole, to);
#endif
  }
}

void MS_K(conv_pack_matrix)(const ms_conv_matrix *m, operand *to)
{
  packing p = { m, to };
  ms_parallel(m->row_taps * row_groups(m), pack_group, &p);
}
