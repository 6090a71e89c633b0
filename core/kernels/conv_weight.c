/* The gradient of a convolution by its weight: for every kernel row, the patches of x times the
   gradients, summed over all pixels. Either side can lie along the vectors; the one that fills
   them better does. Pixels are cut into parts with sums of their own, added in order; where
   there are few pixels and many weights, columns are cut too. */
#include "conv_weight.h"

#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"

enum {
  SUMS_SLOT = 0,
  BAND_SLOT = 1,
  GRADIENT_SLOT = 2,
  BAND_BYTES = 192 << 10,
  PART_PIXELS = 512, /* at least, in a part */
  MOST_PARTS = 16,
  CHUNKS = 16
};

typedef struct job {
  const ms_conv_weight *t;
  int across;           /* x lies along the vectors, not gy */
  size_t count, vectors; /* of one kernel row: broadcast numbers, vectors beside them */
  size_t parts, groups; /* of pixels, of columns */
  size_t size;          /* sums of one part */
  real *sums;
  atomic_int failed;
} job;

static size_t filled(size_t n)
{
  return n * 100 / (ms_conv_vectors(n) * MS_LANES);
}

/* Two or more vectors at once need fewer loads than one. */
static int x_across(const ms_conv_shape *s)
{
  const size_t run = s->kw * s->cin, bonus = 10;
  const size_t by_x = filled(run) + (run > MS_LANES ? bonus : 0);
  const size_t by_gy = filled(s->cout) + (s->cout > MS_LANES ? bonus : 0);
  return by_x > by_gy;
}

/* gy of a band, each pixel filled up to whole vectors, because whole vectors are read. */
static const real *whole_gradients(const real *gy, size_t pixels, size_t count, size_t step)
{
  if (count == step) return gy;
  real *to = ms_scratch(GRADIENT_SLOT, pixels * step * sizeof *to);
  for (size_t p = 0; to && p < pixels; p++, gy += count) {
    for (size_t k = 0; k < count; k++) to[p * step + k] = gy[k];
    for (size_t k = count; k < step; k++) to[p * step + k] = 0;
  }
  return to;
}

/* Adds `rows` rows of y, from row `first` of an image, to the sums of vectors v..v+wide-1. */
static int add_band(const job *j, size_t image, size_t first, size_t rows, size_t v,
                    size_t wide, real *sums)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t line = ms_conv_padded_w(s) * s->cin, lines = (rows - 1) * s->sh + s->kh;
  const size_t step = j->across ? s->cout : j->vectors * MS_LANES;
  real *x = ms_scratch(BAND_SLOT, (lines * line + 3 * MS_LANES) * sizeof *x);
  const real *gy = j->t->gy + (image * s->oh + first) * s->ow * s->cout;
  gy = whole_gradients(gy, rows * s->ow, s->cout, step);
  if (!x || !gy) return -1;
  MS_K(conv_pack_rows)(s, j->t->x + image * s->h * s->w * s->cin, first * s->sh, lines, x);
  for (size_t a = 0; a < s->kh; a++) {
    ms_conv_outer o = { .a = x + a * line, .a_step = s->sw * s->cin, .a_row = s->sh * line,
                        .b = gy, .b_step = step, .b_row = s->ow * step };
    if (j->across)
      o = (ms_conv_outer){ .a = o.b, .a_step = o.b_step, .a_row = o.b_row,
                           .b = o.a, .b_step = o.a_step, .b_row = o.a_row };
    o.rows = rows;
    o.pixels = s->ow;
    o.b += v * MS_LANES;
    o.c_step = j->vectors * MS_LANES;
    o.c = sums + a * j->count * o.c_step + v * MS_LANES;
    MS_K(conv_outer)(&o, j->count, wide);
  }
  return 0;
}

static size_t band_rows(const ms_conv_shape *s)
{
  const size_t line = (ms_conv_padded_w(s) * s->sh * s->cin + s->ow * s->cout) * sizeof(real);
  return BAND_BYTES / line + 1;
}

/* A chunk is a part of all rows of y, and a group of columns. */
static void part(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t p = chunk / j->groups, g = chunk % j->groups, all = s->n * s->oh;
  const size_t pairs = (j->vectors + 1) / 2, v = pairs * g / j->groups * 2;
  size_t wide = pairs * (g + 1) / j->groups * 2;
  wide = (wide < j->vectors ? wide : j->vectors) - v;
  real *sums = j->sums + p * j->size;
  for (size_t i = 0; i < s->kh * j->count; i++)
    memset(sums + (i * j->vectors + v) * MS_LANES, 0, wide * sizeof(vec));
  const size_t most = band_rows(s), end = all * (p + 1) / j->parts;
  for (size_t r = all * p / j->parts, rows; r < end; r += rows) {
    rows = s->oh - r % s->oh;
    if (rows > end - r) rows = end - r;
    if (rows > most) rows = most;
    if (add_band(j, r / s->oh, r % s->oh, rows, v, wide, sums) != 0)
      atomic_store(&j->failed, 1);
  }
}

/* Adds the parts of one row of sums and writes it where it belongs. */
static void finish(void *arg, size_t row)
{
  const job *j = arg;
  const ms_conv_weight *t = j->t;
  const size_t width = j->vectors * MS_LANES, a = row / j->count, k = row % j->count;
  real *restrict sum = j->sums + row * width;
  for (size_t p = 1; p < j->parts; p++) {
    const real *restrict more = sum + p * j->size;
    for (size_t i = 0; i < width; i++) sum[i] += more[i];
  }
  const size_t c = t->s.cin, used = j->across ? t->s.kw * c : t->s.cout;
  for (size_t i = 0; i < used; i++) {
    const size_t run = j->across ? i : k, o = j->across ? k : i;
    t->gw[(a * t->s.kw + run / c) * t->tap + run % c * t->in + o * t->out] = sum[i];
  }
}

int MS_K(conv_weight)(const ms_conv_weight *t)
{
  const ms_conv_shape *s = &t->s;
  const size_t pixels = s->n * s->oh * s->ow, run = s->kw * s->cin;
  job j = { .t = t, .across = x_across(s) };
  j.count = j.across ? s->cout : run;
  j.vectors = ms_conv_vectors(j.across ? run : s->cout);
  j.parts = pixels / PART_PIXELS < 1 ? 1 : pixels / PART_PIXELS;
  if (j.parts > MOST_PARTS) j.parts = MOST_PARTS;
  if (j.parts > s->n * s->oh) j.parts = s->n * s->oh;
  j.groups = (CHUNKS + j.parts - 1) / j.parts;
  if (j.groups > (j.vectors + 1) / 2) j.groups = (j.vectors + 1) / 2;
  j.size = s->kh * j.count * j.vectors * MS_LANES;
  j.sums = ms_scratch(SUMS_SLOT, j.parts * j.size * sizeof *j.sums);
  if (!j.sums) return -1;
  ms_parallel(j.parts * j.groups, part, &j);
  if (atomic_load(&j.failed)) return ms_fail("conv2d: no memory for a band of rows");
  ms_parallel(s->kh * j.count, finish, &j);
  return 0;
}
