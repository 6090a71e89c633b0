/* The product of one step: a few rows of a state times a matrix that is the same at all steps and
   therefore packed once, into panels that are read in order. */
#ifndef MS_STEP_PRODUCT_H
#define MS_STEP_PRODUCT_H

#include <string.h>

#include "../simd/isa.h"

enum { MS_PANEL = 2 * MS_LANES }; /* columns */
#ifdef __AVX512F__
enum { MS_STEP_ROWS = 8 }; /* at most at a time: their sums stay in registers */
#else
enum { MS_STEP_ROWS = 4 };
#endif

/* Numbers of a packed matrix with k rows and n columns. */
static inline size_t ms_packed_count(size_t k, size_t n)
{
  return (n + MS_PANEL - 1) / MS_PANEL * MS_PANEL * k;
}

/* Packs b, whose number (i, j) is at b[i row + j column]: panel after panel, columns from n on are
   0. */
static void pack(const real *b, size_t row, size_t column, size_t k, size_t n, real *to)
{
  for (size_t first = 0; first < n; first += MS_PANEL) {
    const size_t wide = n - first < MS_PANEL ? n - first : MS_PANEL;
    for (size_t i = 0; i < k; i++, to += MS_PANEL) {
      const real *from = b + i * row + first * column;
      if (column == 1 && wide == MS_PANEL) memcpy(to, from, MS_PANEL * sizeof *to);
      else
        for (size_t j = 0; j < MS_PANEL; j++) to[j] = j < wide ? from[j * column] : 0;
    }
  }
}

/* c (rows, panels of columns) += a (rows, k) b. Every sum runs along k from c on, whatever the
   number of rows and panels: the same bits. */
MS_INLINE void tile(const int rows, const int panels, const real *a, size_t a_row, const real *b,
                    size_t k, real *c, size_t c_row)
{
  vec sum[MS_STEP_ROWS][8];
  MS_UNROLL for (int r = 0; r < rows; r++)
    MS_UNROLL for (int v = 0; v < 2 * panels; v++)
      sum[r][v] = *(const vec_u *)(c + (size_t)r * c_row + v * MS_LANES);
  for (size_t i = 0; i < k; i++)
    MS_UNROLL for (int p = 0; p < panels; p++) {
      const vec *column = (const vec *)(b + ((size_t)p * k + i) * MS_PANEL);
      const vec left = column[0], right = column[1];
      MS_UNROLL for (int r = 0; r < rows; r++) {
        const real x = a[(size_t)r * a_row + i];
        sum[r][2 * p] += x * left;
        sum[r][2 * p + 1] += x * right;
      }
    }
  MS_UNROLL for (int r = 0; r < rows; r++)
    MS_UNROLL for (int v = 0; v < 2 * panels; v++)
      *(vec_u *)(c + (size_t)r * c_row + v * MS_LANES) = sum[r][v];
}

/* Few rows take several panels at once, so that enough sums are under way. */
static inline size_t panels_at_once(size_t rows)
{
  return rows == 1 ? 4 : rows == 2 ? 2 : 1;
}

static __attribute__((noinline)) void tiles(size_t rows, size_t panels, const real *a, size_t a_row,
                                            const real *b, size_t k, real *c, size_t c_row)
{
  switch (rows * 8 + panels) {
  case 8 + 4: tile(1, 4, a, a_row, b, k, c, c_row); break;
  case 8 + 1: tile(1, 1, a, a_row, b, k, c, c_row); break;
  case 16 + 2: tile(2, 2, a, a_row, b, k, c, c_row); break;
  case 16 + 1: tile(2, 1, a, a_row, b, k, c, c_row); break;
  case 24 + 1: tile(3, 1, a, a_row, b, k, c, c_row); break;
  case 32 + 1: tile(4, 1, a, a_row, b, k, c, c_row); break;
#ifdef __AVX512F__
  case 40 + 1: tile(5, 1, a, a_row, b, k, c, c_row); break;
  case 48 + 1: tile(6, 1, a, a_row, b, k, c, c_row); break;
  case 56 + 1: tile(7, 1, a, a_row, b, k, c, c_row); break;
  case 64 + 1: tile(8, 1, a, a_row, b, k, c, c_row); break;
#endif
  }
}

/* The last panel where n ends inside it: by way of whole rows of its own. */
static void last_panel(size_t rows, size_t columns, const real *a, size_t a_row, const real *b,
                       size_t k, real *c, size_t c_row)
{
  _Alignas(64) real whole[MS_STEP_ROWS * MS_PANEL] = { 0 };
  for (size_t r = 0; r < rows; r++)
    memcpy(whole + r * MS_PANEL, c + r * c_row, columns * sizeof *c);
  tiles(rows, 1, a, a_row, b, k, whole, MS_PANEL);
  for (size_t r = 0; r < rows; r++)
    memcpy(c + r * c_row, whole + r * MS_PANEL, columns * sizeof *c);
}

/* c (rows, n) += a (rows, k) times the packed b. */
static void step_product(size_t rows, size_t k, size_t n, const real *a, size_t a_row,
                         const real *b, real *c, size_t c_row)
{
  for (size_t first = 0; first < rows; first += MS_STEP_ROWS) {
    const size_t some = rows - first < MS_STEP_ROWS ? rows - first : MS_STEP_ROWS;
    const real *from = a + first * a_row;
    for (size_t j = 0; j < n;) {
      const size_t whole = (n - j) / MS_PANEL, at_once = panels_at_once(some);
      real *to = c + first * c_row + j;
      if (!whole) last_panel(some, n - j, from, a_row, b + j * k, k, to, c_row);
      else tiles(some, whole < at_once ? 1 : at_once, from, a_row, b + j * k, k, to, c_row);
      j += MS_PANEL * (whole < at_once ? 1 : at_once);
    }
  }
}

#endif
