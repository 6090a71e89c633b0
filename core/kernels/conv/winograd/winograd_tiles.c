/* Transforms of Winograd's filtering, a register of channels at a time.
   The last register of a pixel may begin before the one before ends: its numbers are made twice. */
#include "../../../base/sizes.h"
#include "../../simd/leaky.h"
#include "../../simd/stream_store.h"
#include "winograd.h"
#include "winograd_lines.h"

/* Where a tile lies. */
typedef struct place {
  size_t image, row, column;
} place;

static inline place place_of(const ms_winograd_grid *g, size_t tile)
{
  return (place){ tile / g->columns / g->rows, tile / g->columns % g->rows, tile % g->columns };
}

/* The next register's first channel, or `channels` when all are done. */
static size_t next(size_t c, size_t channels)
{
  if (c + MS_LANES == channels) return channels;
  return c + 2 * MS_LANES <= channels ? c + MS_LANES : channels - MS_LANES;
}

MS_INLINE vec load(const real *x)
{
  return *(const vec_u *)x;
}

MS_INLINE void store(real *y, vec x)
{
  *(vec_u *)y = x;
}

/* As numbers, or as operands of channels. */
MS_INLINE void put(operand *to, vec x, int packed)
{
#ifdef __AVX512BF16__
  if (packed) ms_store_neighbours(to, x);
  else
#else
  (void)packed;
#endif
    *(vec_u *)to = x;
}

/* One register of channels as it enters: the facts of its channels. */
typedef struct gate {
  vec scale, shift;
  ms_rectifier rectifier;
} gate;

MS_INLINE vec enter(const gate *g, vec x)
{
  const vec z = g->scale * x + g->shift;
  return ms_rectify(&g->rectifier, z);
}

/* The pixels of a tile's patch, which begins at (row, column) of an image of x; above and left of
   it they wrap around. */
typedef struct patch {
  const real *x;
  size_t row, column;
} patch;

/* One register of channels of a patch, and what the next one adds to it fetched ahead. whole: no
   pixel lies outside. */
MS_INLINE void transform(const int m, const ms_conv_shape *s, patch p, size_t c, const gate *g,
                         int gated, int whole, operand *to, size_t plane, int packed)
{
  vec k[6][6];
  const size_t right = s->cin, down = s->w * right, reach = (size_t)(m + 2) * right;
  const real *top = p.x + p.row * down + p.column * right + c;
  MS_UNROLL for (int j = 0; j < m + 2; j++, top += right) {
    vec d[6];
    const real *at = top;
    MS_UNROLL for (int i = 0; i < m + 2; i++, at += down) {
      MS_STEPPED(at);
      d[i] = (vec){ 0 };
      if (!whole && (p.row + (size_t)i >= s->h || p.column + (size_t)j >= s->w)) continue;
      if (whole && j < m) __builtin_prefetch(at + reach);
      d[i] = gated ? enter(g, load(at)) : load(at);
    }
    ms_line_input(m, d, k[j]);
  }
  MS_UNROLL for (int i = 0; i < m + 2; i++) {
    vec line[6], all[6];
    MS_UNROLL for (int j = 0; j < m + 2; j++) line[j] = k[j][i];
    ms_line_input(m, line, all);
    MS_UNROLL for (int j = 0; j < m + 2; j++, to += plane) {
      MS_STEPPED(to);
      put(to, all[j], packed);
    }
  }
}

MS_INLINE void input_tile(const int m, const ms_conv_shape *s, const ms_conv_prologue *prologue,
                          patch p, operand *to, size_t plane, int packed)
{
  const size_t reach = (size_t)m + 2;
  const int whole = p.row < s->h && p.row + reach <= s->h && p.column < s->w &&
      p.column + reach <= s->w;
  for (size_t c = 0; c < s->cin; c = next(c, s->cin)) {
    operand *at = to + (packed ? c / MS_PER_OPERAND : c);
    gate g = { .scale = { 0 } };
    if (prologue)
      g = (gate){ load(prologue->norm.scale + c), load(prologue->norm.shift + c),
                  ms_rectifier_of(prologue->norm.slope) };
    if (prologue && whole) transform(m, s, p, c, &g, 1, 1, at, plane, packed);
    else if (prologue) transform(m, s, p, c, &g, 1, 0, at, plane, packed);
    else if (whole) transform(m, s, p, c, &g, 0, 1, at, plane, packed);
    else transform(m, s, p, c, &g, 0, 0, at, plane, packed);
  }
}

MS_INLINE void input(const ms_winograd_grid *grid, const ms_conv_prologue *prologue, const real *x,
                     size_t first, size_t count, ms_winograd_operands to, int packed)
{
  const ms_conv_shape *s = grid->s;
  for (size_t i = 0; i < count; i++, to.at += to.step) {
    const place at = place_of(grid, first + i);
    const patch p = { x + at.image * s->h * s->w * s->cin, grid->side * at.row - s->ph,
                      grid->side * at.column - s->pw };
    if (grid->side == 2) input_tile(2, s, prologue, p, to.at, to.plane, packed);
    else input_tile(4, s, prologue, p, to.at, to.plane, packed);
  }
}

void MS_K(winograd_input)(const ms_winograd_grid *grid, const ms_conv_prologue *prologue,
                          const real *x, size_t first, size_t count, ms_winograd_planes to)
{
  input(grid, prologue, x, first, count,
        (ms_winograd_operands){ (operand *)to.at, to.plane, to.step }, 0);
}

void MS_K(winograd_input_operands)(const ms_winograd_grid *grid, const ms_conv_prologue *prologue,
                                   const real *x,
                                size_t first, size_t count, ms_winograd_operands to)
{
  input(grid, prologue, x, first, count, to, 1);
}

/* A tile's own pixels: where they begin in an image of y, and how many of them exist. */
typedef struct square {
  size_t at, down, right; /* numbers from the first pixel to those below and beside it */
  size_t rows, columns;
} square;

static inline square square_of(const ms_winograd_grid *g, size_t tile)
{
  const ms_conv_shape *s = g->s;
  const place p = place_of(g, tile);
  const size_t row = g->side * p.row, column = g->side * p.column;
  return (square){ .at = ((p.image * s->oh + row) * s->ow + column) * s->cout,
                   .down = s->ow * s->cout, .right = s->cout,
                   .rows = ms_least(g->side, s->oh - row),
                   .columns = ms_least(g->side, s->ow - column) };
}

MS_INLINE void gradient_tile(const int m, const real *gy, square q, size_t channels, real *to,
                             size_t plane)
{
  for (size_t c = 0; c < channels; c = next(c, channels)) {
    vec k[4][6];
    MS_UNROLL for (int j = 0; j < m; j++) {
      vec d[4];
      MS_UNROLL for (int i = 0; i < m; i++) {
        const real *at = gy + q.at + (size_t)i * q.down + (size_t)j * q.right + c;
        d[i] = (vec){ 0 };
        if ((size_t)i >= q.rows || (size_t)j >= q.columns) continue;
        __builtin_prefetch(at + (size_t)m * q.right);
        d[i] = load(at);
      }
      ms_line_gradient(m, d, k[j]);
    }
    real *v = to + c;
    MS_UNROLL for (int i = 0; i < m + 2; i++) {
      vec line[4], all[6];
      MS_UNROLL for (int j = 0; j < m; j++) line[j] = k[j][i];
      ms_line_gradient(m, line, all);
      MS_UNROLL for (int j = 0; j < m + 2; j++, v += plane) store(v, all[j]);
    }
  }
}

void MS_K(winograd_gradient)(const ms_winograd_grid *grid, const real *gy, size_t first,
                             size_t count, ms_winograd_planes to)
{
  for (size_t i = 0; i < count; i++, to.at += to.step) {
    const square q = square_of(grid, first + i);
    if (grid->side == 2) gradient_tile(2, gy, q, grid->s->cout, to.at, to.plane);
    else gradient_tile(4, gy, q, grid->s->cout, to.at, to.plane);
  }
}

/* Planes of one tile and where its outputs go. */
typedef struct exit_tile {
  const real *from;
  size_t plane, channels;
  const real *bias;
  real *y;
} exit_tile;

enum { MOST_CHANNELS = 3 * MS_LANES }; /* of one block of columns */

/* The tile's outputs to `to`, `down` and `right` from one pixel to the next; rows and columns of
   them. odd: becomes NaN where a corner is not finite. */
MS_INLINE void finish(const int m, exit_tile e, size_t c, real *to, size_t down, size_t right,
                      size_t rows, size_t columns, vec *odd)
{
  vec k[6][4];
  const size_t row = (size_t)(m + 2) * e.plane;
  const real *first = e.from + c;
  MS_UNROLL for (int j = 0; j < m + 2; j++, first += e.plane) {
    vec s[6];
    const real *at = first;
    MS_UNROLL for (int i = 0; i < m + 2; i++, at += row) {
      MS_STEPPED(at);
      s[i] = load(at);
    }
    ms_line_output(m, s, k[j]);
  }
  const vec start = e.bias ? load(e.bias + c) : (vec){ 0 };
  MS_UNROLL for (int i = 0; i < m; i++, to += down) {
    if ((size_t)i >= rows) break;
    vec line[6], out[4];
    MS_UNROLL for (int j = 0; j < m + 2; j++) line[j] = k[j][i];
    ms_line_output(m, line, out);
    if (i == 0 || i == m - 1) *odd += 0 * out[0] + 0 * out[m - 1];
    real *at = to;
    MS_UNROLL for (int j = 0; j < m; j++, at += right) {
      MS_STEPPED(at);
      if ((size_t)j < columns) store(at, out[j] + start);
    }
  }
}

/* Past the caches only whole lines are worth storing: the tile is gathered first. */
MS_INLINE void output_tile(const int m, exit_tile e, square q, const int nontemporal, vec *odd)
{
  if (!nontemporal) {
    for (size_t c = 0; c < e.channels; c = next(c, e.channels))
      finish(m, e, c, e.y + q.at + c, q.down, q.right, q.rows, q.columns, odd);
    return;
  }
  real tile[4][4][MOST_CHANNELS] __attribute__((aligned(64)));
  for (size_t c = 0; c < e.channels; c += MS_LANES)
    finish(m, e, c, &tile[0][0][c], 4 * MOST_CHANNELS, MOST_CHANNELS, 4, 4, odd);
  for (size_t i = 0; i < q.rows; i++)
    for (size_t j = 0; j < q.columns; j++)
      for (size_t c = 0; c < e.channels; c += MS_LANES)
        ms_stream_store(e.y + q.at + i * q.down + j * q.right + c, load(&tile[i][j][c]));
}

int MS_K(winograd_output)(const ms_winograd_grid *grid, ms_winograd_planes from, size_t first,
                          size_t count, size_t channels, const real *bias, real *y, int nontemporal)
{
  exit_tile e = { from.at, from.plane, channels, bias, y };
  vec odd = { 0 };
  for (size_t i = 0; i < count; i++, e.from += from.step) {
    const square q = square_of(grid, first + i);
    if (grid->side == 2)
      nontemporal ? output_tile(2, e, q, 1, &odd) : output_tile(2, e, q, 0, &odd);
    else nontemporal ? output_tile(4, e, q, 1, &odd) : output_tile(4, e, q, 0, &odd);
  }
  int any = 0;
  for (int lane = 0; lane < MS_LANES; lane++) any |= odd[lane] != 0; /* 0, or NaN */
  return any;
}
