/* Copies that put images and weights into the order in which the tiles read them. */
#include "conv_pack.h"

#include <string.h>

#include "../base/memory.h"
#include "../base/pool.h"

/* Whole pixels as they enter the convolution. */
static void enter(const ms_conv_entry *e, const real *restrict x, size_t count, real *restrict to)
{
  if (!e) {
    memcpy(to, x, count * sizeof *to);
    return;
  }
  const real *restrict scale = e->scale, *restrict shift = e->shift;
  const real slope = e->slope;
  for (size_t n; count > 0; count -= n, x += n, to += n) {
    n = count < e->wide ? count : e->wide;
    for (size_t i = 0; i < n; i++) {
      const real z = scale[i] * x[i] + shift[i];
      to[i] = z > 0 ? z : slope * z;
    }
  }
}

/* One row of an image: `left` zeros, `middle` numbers, zeros up to `all`. */
static void bordered(const ms_conv_entry *e, real *to, const real *x, size_t left, size_t middle,
                     size_t all)
{
  for (size_t i = 0; i < left; i++) to[i] = 0;
  enter(e, x, middle, to + left);
  for (size_t i = left + middle; i < all; i++) to[i] = 0;
}

void MS_K(conv_pack_rows)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                          size_t first, size_t rows, real *to)
{
  const size_t c = s->cin, all = ms_conv_padded_w(s), left = s->pw < all ? s->pw : all;
  const size_t middle = all - left < s->w ? all - left : s->w;
  for (size_t i = first; i < first + rows; i++, to += all * c) {
    if (i < s->ph || i - s->ph >= s->h)
      memset(to, 0, all * c * sizeof *to);
    else
      bordered(entry, to, x + (i - s->ph) * s->w * c, left * c, middle * c, all * c);
  }
}

/* The tiles jump about in a band; fetched in order, it arrives faster. */
static void prefetch(const real *x, size_t count)
{
  for (size_t i = 0; i < count; i += 64 / sizeof *x) __builtin_prefetch(x + i, 0, 2);
}

const real *MS_K(conv_band)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                            size_t first, size_t rows, int slot, size_t *line)
{
  if (ms_conv_borderless(s) && !entry) {
    *line = s->w * s->cin;
    prefetch(x + first * *line, rows * *line);
    return x + first * *line;
  }
  *line = ms_conv_padded_w(s) * s->cin;
  real *to = ms_scratch(slot, (rows * *line + 3 * MS_LANES) * sizeof *to);
  if (to) MS_K(conv_pack_rows)(s, entry, x, first, rows, to);
  return to;
}

/* One kernel row of a patch, or zeros: columns j .. j+kw-1 of row i of the bordered image. */
static void patch_row(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x, size_t i,
                      size_t j, real *to)
{
  const size_t c = s->cin;
  if (i < s->ph || i - s->ph >= s->h) {
    memset(to, 0, s->kw * c * sizeof *to);
    return;
  }
  const real *row = x + (i - s->ph) * s->w * c;
  for (size_t b = 0; b < s->kw; b++, j++, to += c)
    if (j < s->pw || j - s->pw >= s->w)
      memset(to, 0, c * sizeof *to);
    else
      enter(entry, row + (j - s->pw) * c, c, to);
}

void MS_K(conv_pack_patches)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                             size_t from, size_t count, real *to)
{
  for (size_t p = from; p < from + count; p++) {
    const size_t j = p % s->ow, i = p / s->ow % s->oh, image = p / s->ow / s->oh;
    for (size_t a = 0; a < s->kh; a++, to += s->kw * s->cin)
      patch_row(s, entry, x + image * s->h * s->w * s->cin, i * s->sh + a, j * s->sw, to);
  }
}

typedef struct packing {
  const ms_conv_matrix *m;
  real *to;
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
  const quad ab = __builtin_shuffle(a, b, low), cd = __builtin_shuffle(c, d, low);
  const quad ab2 = __builtin_shuffle(a, b, high), cd2 = __builtin_shuffle(c, d, high);
  *(quad *)to = __builtin_shuffle(ab, cd, first);
  *(quad *)(to + step) = __builtin_shuffle(ab, cd, second);
  *(quad *)(to + 2 * step) = __builtin_shuffle(ab2, cd2, first);
  *(quad *)(to + 3 * step) = __builtin_shuffle(ab2, cd2, second);
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

/* A chunk is a group of rows of one tap. */
static void pack_group(void *arg, size_t chunk)
{
  const packing *p = arg;
  const ms_conv_matrix *m = p->m;
  const size_t groups = row_groups(m), tap = chunk / groups, first = chunk % groups * PACK_ROWS;
  const size_t rows = m->row_inner - first < PACK_ROWS ? m->row_inner - first : PACK_ROWS;
  const size_t columns = m->column_taps * m->column_inner, vectors = ms_conv_vectors(columns);
  const real *from = m->weight + (ptrdiff_t)tap * m->tap + (ptrdiff_t)first * m->row;
  ptrdiff_t at[3 * MS_LANES];
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t whole = wide * MS_LANES, left = columns - v * MS_LANES;
    const size_t count = left < whole ? left : whole;
    column_offsets(m, v * MS_LANES, count, at);
    real *to = p->to + v * MS_LANES * m->row_taps * m->row_inner;
    pack_block(from, m->row, rows, at, count, whole, to + (tap * m->row_inner + first) * whole);
  }
}

void MS_K(conv_pack_matrix)(const ms_conv_matrix *m, real *to)
{
  packing p = { m, to };
  ms_parallel(m->row_taps * row_groups(m), pack_group, &p);
}
