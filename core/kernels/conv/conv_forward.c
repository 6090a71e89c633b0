/* Convolutions as products of image rows with packed weights.
   A band of rows is copied with its zero border into scratch that fits the second cache. Under
   one kernel row, the patch of a pixel is a run of kw*cin numbers there, and the next pixel's
   begins sw*cin later: a matrix product whose rows overlap. Rows too short to fill a tile are
   laid out as patches instead; kernels of one pixel need no rows at all. */
#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "pack/conv_remainder.h"
#include "conv_solver.h"
#include "../simd/stream_store.h"

enum {
  BAND_BYTES = 256 << 10, /* of bordered rows in a chunk */
  SHORT_ROW = 8,          /* rows with fewer pixels are laid out as patches */
  FEW_PIXELS = 4096,      /* and at most so many of them */
  LEAST_CHUNKS = 64,
  POINTS = 42,            /* pixels of a block: whole tiles */
  MOST_BLOCKS = 16        /* of pixels in a chunk */
};
static ms_scratch_key room_for_bands, room_for_weights;

typedef struct job {
  const ms_conv_task *t;
  size_t count;              /* channels in products; the others are gathered */
  ms_conv_remainder remainder;
  const operand *packed;
  const real *bias; /* whole vectors */
  operand *patches;
  size_t rows, bands;        /* rows of y in a band, bands to an image */
  size_t pixels;             /* patches and points: pixels in a chunk */
  int nontemporal;           /* rows and points: y goes past the caches */
  atomic_int failed;
} job;

/* Blocks of columns from..to-1 over `rows` runs of `pixels` pixels. */
static void multiply(const job *j, ms_conv_product p, size_t a_row, size_t y_row, size_t rows,
                     size_t pixels, size_t from, size_t to)
{
  const size_t depth = p.parts * p.run;
  const operand *a = p.a;
  real *y = p.y;
  for (size_t v = from, wide; v < to; v += wide) {
    wide = ms_conv_block(ms_conv_vectors(j->count) - v);
    const size_t left = j->count - v * MS_LANES;
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
  const size_t lines = (rows - 1) * s->sh + s->kh;
  size_t line;
  const operand *a = MS_K(conv_band)(s, t->prologue, t->x + image * s->h * s->w * s->cin,
                                  first * s->sh, lines, &room_for_bands, &line);
  real *y = t->y + (image * s->oh + first) * s->ow * s->cout;
  if (!a) {
    atomic_store(&j->failed, 1);
    return;
  }
  const ms_conv_product p = { .a = a, .step = s->sw * ms_conv_operands(s->cin), .parts = s->kh,
                              .part_step = line, .run = s->kw * ms_conv_operands(s->cin), .y = y,
                              .y_step = s->cout, .nontemporal = j->nontemporal };
  multiply(j, p, s->sh * line, s->ow * s->cout, rows, s->ow, 0, ms_conv_vectors(j->count));
  if (j->remainder.count && MS_K(conv_remainder)(&j->remainder, a, line, lines, y + j->count) != 0)
    atomic_store(&j->failed, 1);
  if (j->nontemporal) ms_stream_done();
}

static int rows_route(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  j->nontemporal = ms_nontemporal(j->t->y, s->cout, s->n * s->oh * s->ow * s->cout);
  const size_t line = ms_conv_padded_w(s) * ms_conv_operands(s->cin) * sizeof(operand) * s->sh;
  size_t rows = BAND_BYTES / line + 1, most = s->n * s->oh / LEAST_CHUNKS + 1;
  if (rows > most) rows = most;
  if (rows > s->oh) rows = s->oh;
  j->bands = (s->oh + rows - 1) / rows;
  j->rows = (s->oh + j->bands - 1) / j->bands;
  j->bands = (s->oh + j->rows - 1) / j->rows;
  ms_parallel(s->n * j->bands, band, j);
  return atomic_load(&j->failed) ? ms_fail("conv2d: no memory for a band of rows") : 0;
}

/* `count` pixels for kernels of one: in place, or as a row of scratch. */
static const operand *points(const job *j, size_t from, size_t count)
{
  const ms_conv_task *t = j->t;
  const ms_conv_shape row = { .n = 1, .h = 1, .w = count, .cin = t->s.cin, .kh = 1, .kw = 1,
                              .cout = t->s.cout, .sh = 1, .sw = 1, .oh = 1, .ow = count };
  size_t line;
  return MS_K(conv_band)(&row, t->prologue, t->x + from * t->s.cin, 0, 1, &room_for_bands, &line);
}

static void prefetch(const real *x, size_t count)
{
  for (size_t i = 0; i < count; i += 64 / sizeof *x) __builtin_prefetch(x + i);
}

/* A block of pixels meets all columns while the first cache holds it; meanwhile the next one is
   fetched. */
static void points_block(job *j, size_t from, size_t count)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t vectors = ms_conv_vectors(j->count), size = ms_conv_operands(s->cin);
  const size_t share = POINTS * s->cin / ((vectors + 1) / 2);
  const ms_conv_product p = { .a = points(j, from, count), .step = size, .parts = 1, .run = size,
                              .y = j->t->y + from * s->cout, .y_step = s->cout,
                              .nontemporal = j->nontemporal };
  if (!p.a) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    prefetch(j->t->x + (from + POINTS) * s->cin + v / 2 * share, share);
    multiply(j, p, 0, 0, 1, count, v, v + wide);
  }
}

static void points_chunk(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t all = j->t->s.n * j->t->s.oh * j->t->s.ow, end = (chunk + 1) * j->pixels;
  for (size_t from = chunk * j->pixels; from < end && from < all; from += POINTS)
    points_block(j, from, all - from < POINTS ? all - from : POINTS);
  if (j->nontemporal) ms_stream_done();
}

static int points_route(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh * s->ow, blocks = all / POINTS / LEAST_CHUNKS;
  j->nontemporal = ms_nontemporal(j->t->y, s->cout, all * s->cout);
  j->pixels = (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS) * POINTS;
  ms_parallel((all + j->pixels - 1) / j->pixels, points_chunk, j);
  return atomic_load(&j->failed) ? ms_fail("conv2d: no memory for pixels") : 0;
}

static size_t patch_size(const ms_conv_shape *s)
{
  return s->kh * s->kw * ms_conv_operands(s->cin);
}

static void lay_patches(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh * s->ow, from = chunk * j->pixels;
  const size_t count = all - from < j->pixels ? all - from : j->pixels;
  MS_K(conv_pack_patches)(s, j->t->prologue, j->t->x, from, count,
                          j->patches + from * patch_size(s));
}

/* A chunk is a group of pixels and one block of columns. */
static void patches_block(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t vectors = ms_conv_vectors(j->count), blocks = (vectors + 1) / 2;
  const size_t all = s->n * s->oh * s->ow, from = chunk / blocks * j->pixels;
  const size_t v = chunk % blocks * 2, size = patch_size(s);
  if (v + 1 == vectors && v > 0) return; /* went with a block of 3 */
  const size_t count = all - from < j->pixels ? all - from : j->pixels;
  const ms_conv_product p = { .a = j->patches + from * size, .step = size, .parts = 1,
                              .run = size, .y = j->t->y + from * s->cout, .y_step = s->cout };
  multiply(j, p, 0, 0, 1, count, v, v + ms_conv_block(vectors - v));
}

static int patches_route(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh * s->ow;
  j->patches = ms_scratch(&room_for_bands, all * patch_size(s) * sizeof *j->patches);
  if (!j->patches) return -1;
  j->pixels = 16;
  ms_parallel((all + j->pixels - 1) / j->pixels, lay_patches, j);
  j->pixels = 56;
  ms_parallel((all + j->pixels - 1) / j->pixels * ((ms_conv_vectors(j->count) + 1) / 2),
              patches_block, j);
  return 0;
}

/* Biases in whole vectors, three vectors of zeros, and both matrices. */
static int pack_weights(job *j)
{
  const ms_conv_task *t = j->t;
  const size_t taps = t->s.kh * t->s.kw, whole = ms_conv_vectors(j->count) * MS_LANES;
  const ms_conv_matrix most = { t->weight, t->tap, t->in, t->out, taps, t->s.cin, 1, j->count };
  const ms_conv_matrix few = { t->weight + (ptrdiff_t)j->count * t->out, t->tap, t->in, t->out,
                               1, t->s.cin, taps, j->remainder.count };
  const size_t zeros = whole + 3 * MS_LANES, numbers = ms_conv_packed(&most);
  real *to = ms_scratch(&room_for_weights,
                        zeros * sizeof *to + (numbers + ms_conv_packed(&few)) * sizeof(operand));
  if (!to) return -1;
  operand *packed = (operand *)(to + zeros);
  memset(to, 0, zeros * sizeof *to);
  if (t->bias) memcpy(to, t->bias, j->count * sizeof *to);
  j->bias = to;
  j->packed = packed;
  j->remainder.zeros = to + whole;
  j->remainder.packed = packed + numbers;
  if (j->count) MS_K(conv_pack_matrix)(&most, packed);
  if (j->remainder.count) MS_K(conv_pack_matrix)(&few, packed + numbers);
  return 0;
}

static int run(const ms_conv_task *t, int (*route)(job *j))
{
  job j = { .t = t, .remainder = { .s = &t->s, .count = MS_K(conv_remainder_channels)(&t->s) } };
  j.count = t->s.cout - j.remainder.count;
  if (t->bias) j.remainder.bias = t->bias + j.count;
  return pack_weights(&j) == 0 ? route(&j) : -1;
}

static size_t pixels_of(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow;
}

/* All three multiply as much; the first that applies is the best. To gather the sums of a tap costs
   a pixel as much as GATHERED products (measured). */
static size_t cost(const ms_conv_shape *s)
{
  enum { GATHERED = 4 };
  const size_t taps = s->kh * s->kw, few = MS_K(conv_remainder_channels)(s);
  return pixels_of(s) * (ms_conv_operands(s->cin) * (taps * ms_conv_vectors(s->cout - few) +
                                                     ms_conv_vectors(taps * few)) +
                         (few ? GATHERED * taps : 0));
}

static int takes_points(const ms_conv_shape *s)
{
  return ms_conv_pointwise(s) && pixels_of(s) >= LEAST_CHUNKS * POINTS;
}

static int takes_patches(const ms_conv_shape *s)
{
  return (ms_conv_pointwise(s) || s->ow < SHORT_ROW) && pixels_of(s) <= FEW_PIXELS;
}

static int takes_all(const ms_conv_shape *s)
{
  (void)s;
  return 1;
}

static int run_points(const ms_conv_task *t) { return run(t, points_route); }
static int run_patches(const ms_conv_task *t) { return run(t, patches_route); }
static int run_rows(const ms_conv_task *t) { return run(t, rows_route); }

const ms_conv_solver MS_K(conv_points) = {
  .name = "points", .applicable = takes_points, .cost = cost, .direct = 1,
  .run.forward = run_points,
};
const ms_conv_solver MS_K(conv_patches) = {
  .name = "patches", .applicable = takes_patches, .cost = cost, .direct = 1,
  .run.forward = run_patches,
};
const ms_conv_solver MS_K(conv_rows) = {
  .name = "rows", .applicable = takes_all, .cost = cost, .direct = 1, .run.forward = run_rows,
};
