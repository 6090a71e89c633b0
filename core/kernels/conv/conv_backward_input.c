/* Transposed convolutions. Where the kernels do not overlap (2x2 of stride 2, patches), the
   products of one kernel row are whole stretches of a row of gx and are written in place.
   Elsewhere they go through scratch and are added. */
#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/stream_store.h"
#include "conv_solver.h"

enum { PIXELS = 512, LEAST_CHUNKS = 64 };
static ms_scratch_key room_for_gradients, room_for_rows, room_for_weights;

typedef struct job {
  const ms_conv_backward_input *t;
  const operand *packed;
  const real *bias; /* whole vectors */
  size_t rows;               /* of gy in a chunk */
  int nontemporal;           /* without overlap: gx goes past the caches */
  atomic_int failed;
} job;

/* A row of gy times a packed matrix of `columns` columns. */
static void multiply_row(const job *j, const operand *gy, const operand *packed, size_t columns,
                         real *to, size_t to_step)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t vectors = ms_conv_vectors(columns), depth = ms_conv_operands(s->cout);
  ms_conv_product p = { .a = gy, .step = depth, .parts = 1, .run = depth, .y_step = to_step,
                        .nontemporal = j->nontemporal };
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t left = columns - v * MS_LANES;
    p.b = packed + v * MS_LANES * depth;
    p.bias = j->bias + v * MS_LANES;
    p.y = to + v * MS_LANES;
    p.columns = left < wide * MS_LANES ? left : wide * MS_LANES;
    MS_K(conv_product)(&p, s->ow, wide);
  }
}

static ms_conv_matrix matrix(const ms_conv_backward_input *t, size_t first_tap, size_t taps)
{
  return (ms_conv_matrix){ .weight = t->weight + (ptrdiff_t)first_tap * t->tap, .tap = t->tap,
                           .row = t->out, .column = t->in, .row_taps = 1,
                           .row_inner = t->s.cout, .column_taps = taps,
                           .column_inner = t->s.cin };
}

/* Without overlap: a chunk is a few rows of gy. */
static void place_rows(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t columns = s->kw * s->cin;
  const size_t size = ms_conv_vectors(columns) * MS_LANES * ms_conv_operands(s->cout);
  const size_t all = s->n * s->oh, end = (chunk + 1) * j->rows;
  for (size_t r = chunk * j->rows; r < end && r < all; r++) {
    const size_t image = r / s->oh, i = r % s->oh;
    const operand *gy = MS_K(conv_pack_pixels)(j->t->gy + r * s->ow * s->cout, s->ow, s->cout,
                                               &room_for_gradients);
    if (!gy) {
      atomic_store(&j->failed, 1);
      return;
    }
    for (size_t a = 0; a < s->kh; a++)
      multiply_row(j, gy, j->packed + a * size, columns,
                   j->t->gx + (image * s->h + i * s->sh + a) * s->w * s->cin, s->sw * s->cin);
  }
  if (j->nontemporal) ms_stream_done();
}

/* Adds the products of one kernel row, (ow, step), to a row of an image: those of a pixel lie side
   by side in both. */
static void add_taps(const ms_conv_shape *s, const real *from, size_t step, real *to)
{
  for (size_t j = 0; j < s->ow && j * s->sw < s->w + s->pw; j++, from += step) {
    const size_t first = j * s->sw < s->pw ? s->pw - j * s->sw : 0;
    const size_t left = s->w + s->pw - j * s->sw, end = left < s->kw ? left : s->kw;
    if (first >= end) continue;
    const real *restrict x = from + first * s->cin;
    real *restrict pixels = to + (j * s->sw + first - s->pw) * s->cin;
    for (size_t c = 0; c < (end - first) * s->cin; c++) pixels[c] += x[c];
  }
}

/* Adds the products of row i of gy to an image. */
static void add_row(const ms_conv_shape *s, const real *row, size_t step, size_t i, real *gx)
{
  for (size_t a = 0; a < s->kh; a++) {
    const size_t at = i * s->sh + a;
    if (at < s->ph || at - s->ph >= s->h) continue;
    add_taps(s, row + a * s->kw * s->cin, step, gx + (at - s->ph) * s->w * s->cin);
  }
}

static void fill_image(void *arg, size_t image)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  real *gx = j->t->gx + image * s->h * s->w * s->cin;
  for (size_t p = 0; p < s->h * s->w; p++)
    for (size_t c = 0; c < s->cin; c++) *gx++ = j->t->bias ? j->t->bias[c] : 0;
}

/* With overlap: a chunk is an image. */
static void add_image(void *arg, size_t image)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t columns = s->kh * s->kw * s->cin, step = ms_conv_vectors(columns) * MS_LANES;
  real *row = ms_scratch(&room_for_rows, s->ow * step * sizeof *row);
  if (!row) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (size_t i = 0; i < s->oh; i++) {
    const real *from = j->t->gy + (image * s->oh + i) * s->ow * s->cout;
    const operand *gy = MS_K(conv_pack_pixels)(from, s->ow, s->cout, &room_for_gradients);
    if (!gy) {
      atomic_store(&j->failed, 1);
      return;
    }
    multiply_row(j, gy, j->packed, columns, row, step);
    add_row(s, row, step, i, j->t->gx + image * s->h * s->w * s->cin);
  }
}

static int place(const ms_conv_backward_input *t)
{
  const ms_conv_shape *s = &t->s;
  const size_t columns = s->kw * s->cin, whole = ms_conv_vectors(columns) * MS_LANES;
  const size_t size = whole * ms_conv_operands(s->cout); /* of one kernel row, packed */
  real *weights = ms_scratch(&room_for_weights,
                             whole * sizeof *weights + s->kh * size * sizeof(operand));
  if (!weights) return -1;
  operand *packed = (operand *)(weights + whole);
  memset(weights, 0, whole * sizeof *weights);
  for (size_t k = 0; k < columns && t->bias; k++) weights[k] = t->bias[k % s->cin];
  for (size_t a = 0; a < s->kh; a++) {
    const ms_conv_matrix m = matrix(t, a * s->kw, s->kw);
    MS_K(conv_pack_matrix)(&m, packed + a * size);
  }
  job j = { .t = t, .packed = packed, .bias = weights };
  j.nontemporal = s->kw == s->sw && s->w == s->ow * s->kw &&
                  ms_nontemporal(t->gx, columns, s->n * s->h * s->w * s->cin);
  if (s->oh * s->kh != s->h || s->ow * s->kw != s->w) ms_parallel(s->n, fill_image, &j);
  const size_t all = s->n * s->oh, most = all / LEAST_CHUNKS + 1;
  j.rows = PIXELS / s->ow + 1;
  if (j.rows > most) j.rows = most;
  ms_parallel((all + j.rows - 1) / j.rows, place_rows, &j);
  return atomic_load(&j.failed) ? ms_fail("conv2d: no memory for a row of gradients") : 0;
}

static int add(const ms_conv_backward_input *t)
{
  const ms_conv_matrix m = matrix(t, 0, t->s.kh * t->s.kw);
  const size_t whole = ms_conv_vectors(t->s.kh * t->s.kw * t->s.cin) * MS_LANES;
  real *weights = ms_scratch(&room_for_weights,
                             whole * sizeof *weights + ms_conv_packed(&m) * sizeof(operand));
  if (!weights) return -1;
  operand *packed = (operand *)(weights + whole);
  memset(weights, 0, whole * sizeof *weights);
  MS_K(conv_pack_matrix)(&m, packed);
  job j = { .t = t, .packed = packed, .bias = weights };
  ms_parallel(t->s.n, fill_image, &j);
  ms_parallel(t->s.n, add_image, &j);
  return atomic_load(&j.failed) ? ms_fail("conv2d: no memory for a row of products") : 0;
}

/* Whether no two kernels overlap, and none reaches outside x. */
static int are_apart(const ms_conv_shape *s)
{
  const int inside = !s->ph && !s->pw && (s->oh - 1) * s->sh + s->kh <= s->h &&
                     (s->ow - 1) * s->sw + s->kw <= s->w;
  return inside && s->kh <= s->sh && s->kw <= s->sw;
}

static int takes_all(const ms_conv_shape *s)
{
  (void)s;
  return 1;
}

/* In place, a kernel row at a time, or all taps through scratch. */
static size_t cost_apart(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow * ms_conv_operands(s->cout) * s->kh * ms_conv_vectors(s->kw * s->cin);
}

static size_t cost_add(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow * (ms_conv_operands(s->cout) + 2) * s->kh *
         ms_conv_vectors(s->kw * s->cin);
}

const ms_conv_solver MS_K(conv_scatter) = {
  .name = "scatter", .applicable = are_apart, .cost = cost_apart, .run.backward_input = place,
};
const ms_conv_solver MS_K(conv_scatter_add) = {
  .name = "scatter_add", .applicable = takes_all, .cost = cost_add, .run.backward_input = add,
};
