/* Copies that put images into the order in which the tiles read them, rounded to bf16, two numbers
   to an operand. */
#include <string.h>

#include "../../../base/memory.h"
#include "conv_pack.h"
#include "../../simd/leaky.h"

/* The first of a register's lanes. */
MS_INLINE __mmask16 lanes(size_t count)
{
  return count < MS_LANES ? (__mmask16)((1u << count) - 1) : 0xffff;
}

/* Numbers at x as they enter the convolution; fact: the place of the first one's facts. x may be
   NULL: zeros. */
MS_INLINE vec enter(const ms_conv_prologue *e, const real *x, size_t fact, __mmask16 have)
{
  if (!x) return (vec){ 0 };
  const vec v = (vec)_mm512_maskz_loadu_ps(have, x);
  if (!e) return v;
  const vec z = (vec)_mm512_maskz_loadu_ps(have, e->norm.scale + fact) * v +
                (vec)_mm512_maskz_loadu_ps(have, e->norm.shift + fact);
  const ms_rectifier r = ms_rectifier_of(e->norm.slope);
  return ms_rectify(&r, z);
}

/* How many numbers have facts of their own before those begin again. */
static size_t stretch(const ms_conv_prologue *e, size_t count)
{
  return e && e->wide < count ? e->wide : count;
}

/* `count` numbers, from a pixel's first on, as operands of neighbours. */
static void neighbours(const ms_conv_prologue *e, const real *x, size_t count, operand *to)
{
  for (size_t n; count > 0; count -= n, x += n, to += ms_conv_operands(n)) {
    n = stretch(e, count);
    for (size_t i = 0; i < n; i += MS_LANES) {
      const vec v = enter(e, x + i, i, lanes(n - i));
      _mm256_mask_storeu_epi32(to + i / 2, (__mmask8)lanes(ms_conv_operands(n - i)),
                               (__m256i)_mm512_cvtneps_pbh((__m512)v));
    }
  }
}

/* `count` numbers of two places, which are there, and go in as they are. */
static void couple_plain(const real *early, const real *late, size_t count, operand *to)
{
  size_t i = 0;
  for (; i + MS_LANES <= count; i += MS_LANES)
    *(operands_u *)(to + i) = ms_pairs(*(const vec_u *)(early + i), *(const vec_u *)(late + i));
  if (i == count) return;
  const __mmask16 have = lanes(count - i);
  const vec first = (vec)_mm512_maskz_loadu_ps(have, early + i);
  const vec second = (vec)_mm512_maskz_loadu_ps(have, late + i);
  _mm512_mask_storeu_epi32(to + i, have, (__m512i)ms_pairs(first, second));
}

/* `count` numbers of two places, from pixels' first ones on, as operands; either place may be NULL:
   zeros. */
static void couple(const ms_conv_prologue *e, const real *early, const real *late, size_t count,
                   operand *to)
{
  if (!e && early && late) {
    couple_plain(early, late, count, to);
    return;
  }
  for (size_t done = 0, n; done < count; done += n) {
    n = stretch(e, count - done);
    for (size_t i = 0; i < n; i += MS_LANES) {
      const __mmask16 have = lanes(n - i);
      const operands both = ms_pairs(enter(e, early ? early + done + i : NULL, i, have),
                                  enter(e, late ? late + done + i : NULL, i, have));
      _mm512_mask_storeu_epi32(to + done + i, have, (__m512i)both);
    }
  }
}

/* Whole pixels, each in operands of its own. */
static void pixels_in(const ms_conv_prologue *e, const real *x, size_t pixels, size_t channels,
                      operand *to)
{
  if (channels % 2 == 0) {
    neighbours(e, x, pixels * channels, to);
    return;
  }
  if (channels == 1) {
    couple(e, x, NULL, pixels, to);
    return;
  }
  for (; pixels > 0; pixels--, x += channels, to += ms_conv_operands(channels))
    neighbours(e, x, channels, to);
}

/* Where an image's row lies in its bordered row. */
typedef struct span {
  size_t left, middle, all; /* pixels */
} span;

static span span_of(const ms_conv_shape *s)
{
  span p = { .all = ms_conv_padded_w(s) };
  p.left = s->pw < p.all ? s->pw : p.all;
  p.middle = p.all - p.left < s->w ? p.all - p.left : s->w;
  return p;
}

/* Row i of the bordered image, or NULL. */
static const real *row_of(const ms_conv_shape *s, const real *x, size_t i)
{
  return i < s->ph || i - s->ph >= s->h ? NULL : x + (i - s->ph) * s->w * s->cin;
}

void MS_K(conv_pack_rows)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                          size_t first, size_t rows, operand *to)
{
  const span p = span_of(s);
  const size_t wide = ms_conv_operands(s->cin), right = p.left + p.middle;
  for (size_t i = first; i < first + rows; i++, to += p.all * wide) {
    const real *row = row_of(s, x, i);
    memset(to, 0, (row ? p.left : p.all) * wide * sizeof *to);
    if (!row) continue;
    pixels_in(prologue, row, p.middle, s->cin, to + p.left * wide);
    memset(to + right * wide, 0, (p.all - right) * wide * sizeof *to);
  }
}

static const real *pixel(const real *row, span p, size_t j, size_t channels)
{
  return j < p.left || j >= p.left + p.middle ? NULL : row + (j - p.left) * channels;
}

void MS_K(conv_pack_pairs)(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                           size_t first, size_t rows, operand *to)
{
  const span p = span_of(s);
  const size_t c = s->cin, right = p.left + p.middle;
  for (size_t i = first; i < first + rows; i++, to += p.all * c) {
    const real *row = row_of(s, x, i);
    if (!row) {
      memset(to, 0, p.all * c * sizeof *to);
      continue;
    }
    /* stretches whose pixels are inside, or not, alike */
    for (size_t j = 0, end; j < p.all; j = end) {
      const size_t bounds[] = { p.left, right, p.left > s->sw ? p.left - s->sw : 0,
                                right > s->sw ? right - s->sw : 0 };
      end = p.all;
      for (int k = 0; k < 4; k++)
        if (bounds[k] > j && bounds[k] < end) end = bounds[k];
      couple(prologue, pixel(row, p, j, c), pixel(row, p, j + s->sw, c), (end - j) * c, to + j * c);
    }
  }
}

const operand *MS_K(conv_band)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                               const real *x, size_t first, size_t rows, ms_scratch_key *room,
                               size_t *line)
{
  *line = ms_conv_padded_w(s) * ms_conv_operands(s->cin);
  operand *to = ms_scratch(room, (rows * *line + 3 * MS_LANES) * sizeof *to);
  if (to) MS_K(conv_pack_rows)(s, prologue, x, first, rows, to);
  return to;
}

const operand *MS_K(conv_pack_pixels)(const real *x, size_t pixels, size_t channels,
                                      ms_scratch_key *room)
{
  operand *to = ms_scratch(room, pixels * ms_conv_operands(channels) * sizeof *to);
  if (to) pixels_in(NULL, x, pixels, channels, to);
  return to;
}

void MS_K(conv_pack_gradients)(const real *gy, size_t rows, size_t width, size_t channels,
                               size_t step, operand *to)
{
  for (size_t i = 0; i < rows; i++, gy += width * channels)
    for (size_t p = 0; p < width; p += 2, to += step) {
      const real *early = gy + p * channels;
      couple(NULL, early, p + 1 < width ? early + channels : NULL, channels, to);
      if (step > channels) memset(to + channels, 0, (step - channels) * sizeof *to);
    }
}

/* One kernel row of a patch, or zeros: columns j .. j+kw-1 of row i of the bordered image. */
static void patch_row(const ms_conv_shape *s, const ms_conv_prologue *prologue, const real *x,
                      size_t i, size_t j, operand *to)
{
  const span p = span_of(s);
  const size_t wide = ms_conv_operands(s->cin);
  const real *row = row_of(s, x, i);
  for (size_t b = 0; b < s->kw; b++, j++, to += wide) {
    const real *at = row ? pixel(row, p, j, s->cin) : NULL;
    if (at) neighbours(prologue, at, s->cin, to);
    else memset(to, 0, wide * sizeof *to);
  }
}

void MS_K(conv_pack_patches)(const ms_conv_shape *s, const ms_conv_prologue *prologue,
                             const real *x, size_t from, size_t count, operand *to)
{
  const size_t size = s->kw * ms_conv_operands(s->cin);
  for (size_t p = from; p < from + count; p++) {
    const size_t j = p % s->ow, i = p / s->ow % s->oh, image = p / s->ow / s->oh;
    for (size_t a = 0; a < s->kh; a++, to += size)
      patch_row(s, prologue, x + image * s->h * s->w * s->cin, i * s->sh + a, j * s->sw, to);
  }
}
