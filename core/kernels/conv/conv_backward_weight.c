/* The gradient of a convolution by its weight: for every kernel row, the patches of x times the
   gradients, summed over all pixels. Either side can lie along the vectors; the one that fills
   them better does. Pixels are cut into parts with sums of their own, added in order; where
   there are few pixels and many weights, columns and kernel rows are cut too. */
#include "conv_backward_weight.h"

#include <stdatomic.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/prefetch.h"
#include "conv_solver.h"

enum {
  BAND_BYTES = 192 << 10,
  PART_PIXELS = 512, /* at least, in a part */
  SUMS_BYTES = 8 << 20, /* of all parts, but for one */
  CHUNKS = 64 /* if sizes allow */
};
static ms_scratch_key room_for_bands, room_for_gradients, room_for_sums;

typedef struct job {
  const ms_conv_backward_weight *t;
  int across;            /* x lies along the vectors, not gy */
  size_t count, vectors; /* of one kernel row: broadcast numbers, vectors beside them */
  size_t parts, groups;  /* of pixels, of columns; kernel rows are cut where columns are */
  size_t size;           /* sums of one part */
  real *sums;
  operand *bordered;        /* all of x with its borders, where groups share it, or NULL */
  operand *gradients;       /* all of gy as the tiles read it, where groups share it, or NULL */
  atomic_int failed;
} job;

/* Rows of y: some of one image, or some images whole. */
typedef struct rows {
  size_t image, first, images, count;
} rows;

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

static size_t image_size(const ms_conv_shape *s)
{
  return ms_conv_padded_h(s) * ms_conv_padded_w(s) * s->cin;
}

/* x may be read in place: no border, nothing done to it, and no whole vector of it ends outside. */
static int in_place(const job *j)
{
  return MS_PER_OPERAND == 1 && !j->t->prologue && ms_conv_borderless(&j->t->s) &&
         !(j->across && j->t->s.kw * j->t->s.cin % MS_LANES);
}

/* The bordered rows under rows of y, with the distances between rows and between images. */
static const operand *bordered(const job *j, rows r, size_t *line, size_t *image)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t x_image = s->h * s->w * s->cin, lines = (r.count - 1) * s->sh + s->kh;
  const real *x = j->t->x + r.image * x_image;
  *line = ms_conv_padded_w(s) * s->cin;
  *image = image_size(s);
  if (j->bordered) return j->bordered + r.image * *image + r.first * s->sh * *line;
  if (in_place(j)) {
    *line = s->w * s->cin;
    *image = x_image;
    if (j->groups < 2)
      ms_prefetch(x + r.first * s->sh * *line, (r.images - 1) * x_image + lines * *line);
    return (const operand *)x + r.first * s->sh * *line;
  }
  operand *to = ms_scratch(&room_for_bands, (r.images * lines * *line + 3 * MS_LANES) * sizeof *to);
  for (size_t i = 0; to && i < r.images; i++, x += x_image)
    MS_K(conv_pack_pairs)(s, j->t->prologue, x, r.first * s->sh, lines, to + i * lines * *line);
  return to;
}

/* Numbers of one pixel's, or operands of two pixels' gradients. */
static size_t gradient_step(const job *j)
{
  return j->across ? j->t->s.cout : j->vectors * MS_LANES;
}

/* gy may be read in place. */
static int gradients_in_place(const job *j)
{
  return MS_PER_OPERAND == 1 && gradient_step(j) == j->t->s.cout;
}

/* The gradients of rows of y, counted over all images, as the tiles read them. */
static const operand *gradients(const job *j, size_t first, size_t count)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t step = gradient_step(j), line = ms_conv_operands(s->ow) * step;
  const real *gy = j->t->gy + first * s->ow * s->cout;
  if (j->gradients) return j->gradients + first * line;
  if (gradients_in_place(j)) {
    if (j->groups < 2) ms_prefetch(gy, count * line);
    return (const operand *)gy;
  }
  operand *to = ms_scratch(&room_for_gradients, count * line * sizeof *to);
  if (to) MS_K(conv_pack_gradients)(gy, count, s->ow, s->cout, step, to);
  return to;
}

/* Kernel rows and vectors of sums. */
typedef struct area {
  size_t a, rows, v, wide;
} area;

/* Adds rows of y to the sums of an area. */
static int add_rows(const job *j, rows r, area of, int fresh, real *sums)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t step = gradient_step(j), pairs = ms_conv_operands(s->ow);
  size_t line, image;
  const operand *x = bordered(j, r, &line, &image);
  const operand *gy = gradients(j, r.image * s->oh + r.first, r.images * r.count);
  if (!x || !gy) return -1;
  for (size_t a = of.a; a < of.a + of.rows; a++) {
    ms_conv_outer o = { .a = x + a * line, .a_step = MS_PER_OPERAND * s->sw * s->cin,
                        .a_row = s->sh * line, .a_image = image, .b = gy, .b_step = step,
                        .b_row = pairs * step, .b_image = s->oh * pairs * step };
    if (j->across)
      o = (ms_conv_outer){ .a = o.b, .a_step = o.b_step, .a_row = o.b_row,
                           .a_image = o.b_image, .b = o.a, .b_step = o.a_step,
                           .b_row = o.a_row, .b_image = o.a_image };
    o.images = r.images;
    o.rows = r.count;
    o.pixels = pairs;
    o.fresh = fresh;
    o.b += of.v * MS_LANES;
    o.c_step = j->vectors * MS_LANES;
    o.c = sums + a * j->count * o.c_step + of.v * MS_LANES;
    MS_K(conv_outer)(&o, j->count, of.wide);
  }
  return 0;
}

/* The next band: rows r.. of all images, at most up to `end`. */
static rows next_rows(const ms_conv_shape *s, size_t r, size_t end)
{
  const size_t line = (ms_conv_padded_w(s) * s->sh * s->cin + s->ow * s->cout) * sizeof(real);
  const size_t most = BAND_BYTES / line + 1, left = s->oh - r % s->oh;
  rows next = { r / s->oh, r % s->oh, 1, left < end - r ? left : end - r };
  if (next.count > most) next.count = most;
  if (next.count < s->oh) return next;
  next.images = most / s->oh < (end - r) / s->oh ? most / s->oh : (end - r) / s->oh;
  return next;
}

/* Where columns are shared out, so are kernel rows. */
static size_t row_groups(const job *j)
{
  return j->groups < 2 ? 1 : j->t->s.kh;
}

static area area_of(const job *j, size_t g)
{
  const size_t lines = row_groups(j), pairs = (j->vectors + 1) / 2, column = g / lines;
  const size_t v = pairs * column / j->groups * 2, to = pairs * (column + 1) / j->groups * 2;
  return (area){ g % lines, j->t->s.kh / lines, v, (to < j->vectors ? to : j->vectors) - v };
}

/* A chunk is a part of all rows of y, and an area of the sums. */
static void part(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t areas = j->groups * row_groups(j), p = chunk / areas, all = s->n * s->oh;
  const area of = area_of(j, chunk % areas);
  const size_t start = all * p / j->parts, end = all * (p + 1) / j->parts;
  for (size_t r = start; r < end;) {
    const rows next = next_rows(s, r, end);
    if (add_rows(j, next, of, r == start, j->sums + p * j->size) != 0)
      atomic_store(&j->failed, 1);
    r += next.images * next.count;
  }
}

static void border_image(void *arg, size_t image)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  MS_K(conv_pack_pairs)(s, j->t->prologue, j->t->x + image * s->h * s->w * s->cin, 0,
                       ms_conv_padded_h(s), j->bordered + image * image_size(s));
}

static void pack_image(void *arg, size_t image)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t size = s->oh * ms_conv_operands(s->ow) * gradient_step(j);
  MS_K(conv_pack_gradients)(j->t->gy + image * s->oh * s->ow * s->cout, s->oh, s->ow, s->cout,
                            gradient_step(j), j->gradients + image * size);
}

/* What groups of columns share. */
static int share(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  if (j->groups < 2) return 0;
  if (!in_place(j)) {
    j->bordered = ms_scratch(&room_for_bands,
                             (s->n * image_size(s) + 3 * MS_LANES) * sizeof(operand));
    if (!j->bordered) return -1;
    ms_parallel(s->n, border_image, j);
  }
  if (!gradients_in_place(j)) {
    j->gradients = ms_scratch(&room_for_gradients,
                              s->n * s->oh * ms_conv_operands(s->ow) * gradient_step(j) *
                                  sizeof(operand));
    if (!j->gradients) return -1;
    ms_parallel(s->n, pack_image, j);
  }
  return 0;
}

/* Adds the parts of one row of sums and writes it where it belongs. */
static void finish(void *arg, size_t row)
{
  const job *j = arg;
  const ms_conv_backward_weight *t = j->t;
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

/* How the sums are cut: by size alone. */
static void cut(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t all = s->n * s->oh, pixels = all * s->ow, run = s->kw * s->cin;
  j->across = x_across(s);
  j->count = j->across ? s->cout : run;
  j->vectors = ms_conv_vectors(j->across ? run : s->cout);
  j->size = s->kh * j->count * j->vectors * MS_LANES;
  const size_t least = pixels / PART_PIXELS, most = SUMS_BYTES / (j->size * sizeof(real));
  j->parts = least < most ? least : most;
  if (j->parts > CHUNKS) j->parts = CHUNKS;
  if (j->parts > all) j->parts = all;
  if (j->parts < 1) j->parts = 1;
  j->groups = (CHUNKS + j->parts - 1) / j->parts;
  if (j->groups > (j->vectors + 1) / 2) j->groups = (j->vectors + 1) / 2;
}

/* One part of whole vectors in gw's own order is summed where it belongs. */
static int direct(const job *j)
{
  const ms_conv_backward_weight *t = j->t;
  return j->parts == 1 && !j->across && t->out == 1 && t->in == t->s.cout &&
         t->s.cout % MS_LANES == 0 && (size_t)t->gw % MS_VEC_BYTES == 0;
}

int MS_K(conv_backward_weight)(const ms_conv_backward_weight *t)
{
  const ms_conv_shape *s = &t->s;
  job j = { .t = t };
  cut(&j);
  j.sums = direct(&j) ? t->gw : ms_scratch(&room_for_sums, j.parts * j.size * sizeof *j.sums);
  if (!j.sums) return -1;
  if (share(&j) != 0) return -1;
  ms_parallel(j.parts * j.groups * row_groups(&j), part, &j);
  if (atomic_load(&j.failed)) return ms_fail("conv2d: no memory for a band of rows");
  if (j.sums != t->gw) ms_parallel(s->kh * j.count, finish, &j);
  return 0;
}

static int takes_all(const ms_conv_shape *s)
{
  (void)s;
  return 1;
}

static size_t cost(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow * s->kh * s->kw * s->cin * ms_conv_vectors(s->cout) / MS_PER_OPERAND;
}

const ms_conv_solver MS_K(conv_outer_products) = {
  .name = "outer_products", .applicable = takes_all, .cost = cost,
  .run.backward_weight = MS_K(conv_backward_weight),
};
