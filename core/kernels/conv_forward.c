/* Convolutions as products of image rows with packed weights.
   A band of rows is copied with its zero border into scratch that fits the second cache. Under
   one kernel row, the patch of a pixel is a run of kw*cin numbers there, and the next pixel's
   begins sw*cin later: a matrix product whose rows overlap. Rows too short to fill a tile are
   laid out as patches instead. */
#include "conv_forward.h"

#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"

enum {
  WEIGHT_SLOT = 0,
  BAND_SLOT = 1,
  BAND_BYTES = 256 << 10, /* of bordered rows in a chunk */
  SHORT_ROW = 8,          /* rows with fewer pixels are laid out as patches */
  LEAST_CHUNKS = 16
};

typedef struct job {
  const ms_conv_task *t;
  const real *packed, *bias; /* whole vectors */
  const real *patches;       /* or NULL */
  size_t rows, bands;        /* rows of y in a band, bands to an image */
  size_t pixels;             /* patches: pixels in a chunk */
  atomic_int failed;
} job;

/* Every block of columns over `rows` runs of `pixels` pixels. */
static void multiply(const job *j, ms_conv_product p, size_t a_row, size_t y_row, size_t rows,
                     size_t pixels, size_t from, size_t to)
{
  const size_t depth = p.parts * p.run;
  const real *a = p.a;
  real *y = p.y;
  for (size_t v = from, wide; v < to; v += wide) {
    wide = ms_conv_block(ms_conv_vectors(j->t->count) - v);
    const size_t left = j->t->count - v * MS_LANES;
    p.b = j->packed + v * MS_LANES * depth;
    p.bias = j->bias + v * MS_LANES;
    p.columns = left < wide * MS_LANES ? left : wide * MS_LANES;
    for (size_t i = 0; i < rows; i++) {
      p.a = a + i * a_row;
      p.y = y + i * y_row + v * MS_LANES;
      MS_K(conv_product)(&p, pixels, wide);
    }
  }
}

static void band(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_task *t = j->t;
  const ms_conv_shape *s = &t->s;
  const size_t image = chunk / j->bands, first = chunk % j->bands * j->rows;
  const size_t rows = s->oh - first < j->rows ? s->oh - first : j->rows;
  const size_t line = ms_conv_padded_w(s) * s->cin, lines = (rows - 1) * s->sh + s->kh;
  real *a = ms_scratch(BAND_SLOT, lines * line * sizeof *a);
  if (!a) {
    atomic_store(&j->failed, 1);
    return;
  }
  MS_K(conv_pack_rows)(s, t->x + image * s->h * s->w * s->cin, first * s->sh, lines, a);
  ms_conv_product p = { .a = a, .step = s->sw * s->cin, .parts = s->kh, .part_step = line,
                        .run = s->kw * s->cin, .y_step = s->cout };
  p.y = t->y + (image * s->oh + first) * s->ow * s->cout + t->first;
  multiply(j, p, s->sh * line, s->ow * s->cout, rows, s->ow, 0, ms_conv_vectors(t->count));
}

static int rows_route(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t line = ms_conv_padded_w(s) * s->cin * sizeof(real) * s->sh;
  size_t rows = BAND_BYTES / line + 1, most = s->n * s->oh / LEAST_CHUNKS + 1;
  if (rows > most) rows = most;
  if (rows > s->oh) rows = s->oh;
  j->bands = (s->oh + rows - 1) / rows;
  j->rows = (s->oh + j->bands - 1) / j->bands;
  j->bands = (s->oh + j->rows - 1) / j->rows;
  ms_parallel(s->n * j->bands, band, j);
  return 0;
}

static size_t patch_size(const ms_conv_shape *s)
{
  return s->kh * s->kw * s->cin;
}

static void lay_patches(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh * s->ow, from = chunk * j->pixels;
  const size_t count = all - from < j->pixels ? all - from : j->pixels;
  real *to = (real *)j->patches + from * patch_size(s);
  MS_K(conv_pack_patches)(s, j->t->x, from, count, to);
}

/* A chunk is a group of pixels and one block of columns. */
static void patches_block(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_conv_task *t = j->t;
  const ms_conv_shape *s = &t->s;
  const size_t vectors = ms_conv_vectors(t->count), blocks = (vectors + 1) / 2;
  const size_t all = s->n * s->oh * s->ow, from = chunk / blocks * j->pixels;
  const size_t v = chunk % blocks * 2, size = patch_size(s);
  if (v + 1 == vectors && v > 0) return; /* went with a block of 3 */
  const size_t count = all - from < j->pixels ? all - from : j->pixels;
  ms_conv_product p = { .a = j->patches + from * size, .step = size, .parts = 1, .run = size,
                        .y = t->y + from * s->cout + t->first, .y_step = s->cout };
  multiply(j, p, 0, 0, 1, count, v, v + ms_conv_block(vectors - v));
}

static int patches_route(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh * s->ow, size = patch_size(s);
  real *patches = ms_scratch(BAND_SLOT, all * size * sizeof *patches);
  if (!patches) return -1;
  j->patches = patches;
  j->pixels = 16;
  ms_parallel((all + 15) / 16, lay_patches, j);
  j->pixels = 112;
  ms_parallel((all + 111) / 112 * ((ms_conv_vectors(j->t->count) + 1) / 2), patches_block, j);
  return 0;
}

int MS_K(conv_direct)(const ms_conv_task *t)
{
  const size_t whole = ms_conv_vectors(t->count) * MS_LANES, packed = ms_conv_packed(&t->m);
  real *weights = ms_scratch(WEIGHT_SLOT, (whole + packed) * sizeof *weights);
  if (!weights) return -1;
  memset(weights, 0, whole * sizeof *weights);
  if (t->bias) memcpy(weights, t->bias + t->first, t->count * sizeof *weights);
  MS_K(conv_pack_matrix)(&t->m, weights + whole);
  job j = { .t = t, .packed = weights + whole, .bias = weights };
  const int small = t->s.n * t->s.oh * t->s.ow <= 4096;
  if ((t->s.ow < SHORT_ROW && small ? patches_route : rows_route)(&j) != 0) return -1;
  return atomic_load(&j.failed) ? ms_fail("conv2d: no memory for a band of rows") : 0;
}
