/* Transforms of the minimal filtering F(2x2, 3x3), a register of channels at a time.
   The last register of a pixel may begin before the one before ends: its numbers are made twice. */
#include "past.h"
#include "winograd.h"

/* Some tiles of one row of tiles. */
typedef struct run {
  size_t image, row, column, count;
} run;

/* The run that tile `first` begins, of at most `count` tiles. */
static run run_of(const ms_conv_shape *s, size_t first, size_t count)
{
  const size_t columns = ms_winograd_columns(s), rows = (s->oh + 1) / 2;
  const size_t column = first % columns, left = columns - column;
  return (run){ first / columns / rows, first / columns % rows, column,
                left < count ? left : count };
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

/* As numbers, or as words of channels. */
MS_INLINE void put(word *to, vec x, int packed)
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
  vec scale, shift, slope;
} gate;

typedef __typeof__((vec){ 0 } > (vec){ 0 }) lanes;

MS_INLINE vec enter(const gate *g, vec x)
{
  const vec z = g->scale * x + g->shift, low = g->slope * z;
  const lanes above = z > (vec){ 0 };
  return (vec)((above & (lanes)z) | (~above & (lanes)low));
}

/* Four pixels one below the other, with B' from the left. A row that is NULL is outside. */
MS_INLINE void column(const real *const row[4], ptrdiff_t at, int inside, const gate *g, int gated,
                      vec to[4])
{
  vec d[4];
  for (int i = 0; i < 4; i++) {
    d[i] = (vec){ 0 };
    if (inside && row[i]) d[i] = gated ? enter(g, load(row[i] + at)) : load(row[i] + at);
  }
  to[0] = d[0] - d[2];
  to[1] = d[1] + d[2];
  to[2] = d[2] - d[1];
  to[3] = d[1] - d[3];
}

/* Where a run's patches begin and where they go. */
typedef struct strip {
  const real *row[4]; /* NULL: outside */
  ptrdiff_t q;        /* column of the first pixel */
  size_t tiles;
  word *to;
} strip;

/* One register of channels of a run: neighbouring patches share two columns. */
MS_INLINE void patches(const ms_conv_shape *s, strip a, ms_winograd_words to, const gate *g,
                       int gated, int packed)
{
  const ptrdiff_t cin = (ptrdiff_t)s->cin, w = (ptrdiff_t)s->w;
  ptrdiff_t q = a.q;
  vec k[4][4];
  column(a.row, q * cin, q >= 0 && q < w, g, gated, k[0]);
  column(a.row, (q + 1) * cin, q + 1 >= 0 && q + 1 < w, g, gated, k[1]);
  for (size_t t = 0; t < a.tiles; t++, q += 2, a.to += to.step) {
    column(a.row, (q + 2) * cin, q + 2 >= 0 && q + 2 < w, g, gated, k[2]);
    column(a.row, (q + 3) * cin, q + 3 >= 0 && q + 3 < w, g, gated, k[3]);
    for (int i = 0; i < 4; i++) {
      word *v = a.to + (size_t)i * 4 * to.plane;
      put(v, k[0][i] - k[2][i], packed);
      put(v + to.plane, k[1][i] + k[2][i], packed);
      put(v + 2 * to.plane, k[2][i] - k[1][i], packed);
      put(v + 3 * to.plane, k[1][i] - k[3][i], packed);
      k[0][i] = k[2][i];
      k[1][i] = k[3][i];
    }
  }
}

MS_INLINE void input_run(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x, run r,
                         word *at, ms_winograd_words to, int packed)
{
  strip a = { .q = 2 * (ptrdiff_t)r.column - (ptrdiff_t)s->pw, .tiles = r.count };
  for (size_t c = 0; c < s->cin; c = next(c, s->cin)) {
    for (size_t i = 0; i < 4; i++) {
      const size_t row = 2 * r.row + i - s->ph; /* above the image: wraps around */
      a.row[i] = row < s->h ? x + (r.image * s->h + row) * s->w * s->cin + c : NULL;
    }
    a.to = at + (packed ? c / MS_PER_WORD : c);
    gate g = { .slope = { 0 } };
    if (!entry) {
      patches(s, a, to, &g, 0, packed);
      continue;
    }
    g = (gate){ load(entry->scale + c), load(entry->shift + c), entry->slope - (vec){ 0 } };
    patches(s, a, to, &g, 1, packed);
  }
}

MS_INLINE void input(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                     size_t first, size_t count, ms_winograd_words to, int packed)
{
  for (size_t done = 0; done < count;) {
    const run r = run_of(s, first + done, count - done);
    input_run(s, entry, x, r, to.at + done * to.step, to, packed);
    done += r.count;
  }
}

void MS_K(winograd_input)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                          size_t first, size_t count, ms_winograd_planes to)
{
  input(s, entry, x, first, count, (ms_winograd_words){ (word *)to.at, to.plane, to.step }, 0);
}

void MS_K(winograd_input_words)(const ms_conv_shape *s, const ms_conv_entry *entry, const real *x,
                                size_t first, size_t count, ms_winograd_words to)
{
  input(s, entry, x, first, count, to, 1);
}

/* A tile's own 2x2 pixels: where they begin in an image of y, and which of them exist. */
typedef struct square {
  size_t at, down, right; /* numbers from the first pixel to those below and beside it */
  int below, beside;
} square;

static inline square square_of(const ms_conv_shape *s, run r, size_t i)
{
  const size_t row = 2 * r.row, column = 2 * (r.column + i);
  return (square){ .at = ((r.image * s->oh + row) * s->ow + column) * s->cout,
                   .down = s->ow * s->cout, .right = s->cout, .below = row + 1 < s->oh,
                   .beside = column + 1 < s->ow };
}

/* A from the left: two numbers become four. */
MS_INLINE void widen(vec a, vec b, vec to[4])
{
  to[0] = a;
  to[1] = a + b;
  to[2] = a - b;
  to[3] = -b;
}

static void gradient_tile(const real *gy, square q, size_t channels, real *to, size_t plane)
{
  const vec none = { 0 };
  for (size_t c = 0; c < channels; c = next(c, channels)) {
    const real *g = gy + q.at + c;
    const vec a = load(g), b = q.beside ? load(g + q.right) : none;
    const vec d = q.below ? load(g + q.down) : none;
    const vec e = q.below && q.beside ? load(g + q.down + q.right) : none;
    vec left[4], right[4], all[4];
    widen(a, d, left);
    widen(b, e, right);
    for (size_t i = 0; i < 4; i++) {
      widen(left[i], right[i], all);
      for (size_t k = 0; k < 4; k++) store(to + (4 * i + k) * plane + c, all[k]);
    }
  }
}

void MS_K(winograd_gradient)(const ms_conv_shape *s, const real *gy, size_t first, size_t count,
                             ms_winograd_planes to)
{
  for (size_t done = 0; done < count;) {
    const run r = run_of(s, first + done, count - done);
    for (size_t i = 0; i < r.count; i++, done++)
      gradient_tile(gy, square_of(s, r, i), s->cout, to.at + done * to.step, to.plane);
  }
}

MS_INLINE void leave(real *to, vec x, int past)
{
  if (past) ms_past_store(to, x);
  else store(to, x);
}

/* Sixteen numbers become 2x2: A' from the left, A from the right. */
MS_INLINE void output_tile(const real *from, size_t plane, square q, size_t channels,
                           const real *bias, real *y, const int past)
{
  for (size_t c = 0; c < channels; c = next(c, channels)) {
    vec top[4], low[4];
    for (size_t k = 0; k < 4; k++) {
      const real *m = from + k * plane + c;
      const vec b = load(m + 4 * plane), d = load(m + 8 * plane);
      top[k] = load(m) + b + d;
      low[k] = b - d - load(m + 12 * plane);
    }
    const vec start = bias ? load(bias + c) : (vec){ 0 };
    real *to = y + q.at + c;
    leave(to, top[0] + top[1] + top[2] + start, past);
    if (q.beside) leave(to + q.right, top[1] - top[2] - top[3] + start, past);
    if (!q.below) continue;
    leave(to + q.down, low[0] + low[1] + low[2] + start, past);
    if (q.beside) leave(to + q.down + q.right, low[1] - low[2] - low[3] + start, past);
  }
}

void MS_K(winograd_output)(const ms_conv_shape *s, ms_winograd_planes from, size_t first,
                           size_t count, size_t channels, const real *bias, real *y, int past)
{
  for (size_t done = 0; done < count;) {
    const run r = run_of(s, first + done, count - done);
    for (size_t i = 0; i < r.count; i++, done++)
      if (past) output_tile(from.at + done * from.step, from.plane, square_of(s, r, i), channels, bias, y, 1);
      else output_tile(from.at + done * from.step, from.plane, square_of(s, r, i), channels, bias, y, 0);
  }
}
