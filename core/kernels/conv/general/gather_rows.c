/* Convolutions with dilation or groups straight from the image: under one kernel row, results side
   by side are products of overlapping rows, so that nothing is copied. What reaches outside is
   laid out as patches. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../pack/conv_pack.h"
#include "gather_weights.h"

enum { BAND_RESULTS = 448, STRETCH = 224, LEAST_READS = 8, MOST_PARTS = 16 };
static ms_scratch_key room_for_patches, room_for_results, room_for_gradients, room_for_sums;

typedef struct job {
  const ms_gather *j;
  ms_gather_weights w;
  ms_stretch inside;  /* results of a row whose taps all meet places inside */
  size_t rows, bands; /* of a chunk, of an image */
  size_t parts;       /* by weight */
  real *sums;         /* (parts, groups, depth, whole) */
  atomic_int failed;
} job;

int MS_K(gather_takes_rows)(const ms_gather *j)
{
  return MS_PER_OPERAND == 1 && j->reads >= LEAST_READS;
}

static void cut(job *k, const ms_gather *j)
{
  *k = (job){ .j = j, .inside = ms_lattice_within(&j->x) };
  k->rows = BAND_RESULTS / (j->x.count + 1) + 1;
  if (k->rows > j->y.count) k->rows = j->y.count;
  k->bands = k->rows ? (j->y.count + k->rows - 1) / k->rows : 0;
}

/* The first number that result (r, q) reads under tap row a. */
static const real *read_at(const ms_gather *j, size_t image, size_t r, size_t q, size_t a,
                           size_t group)
{
  const ptrdiff_t i = (ptrdiff_t)(r * j->y.reads) + j->y.at + (ptrdiff_t)a * j->y.apart;
  const ptrdiff_t at = (ptrdiff_t)(q * j->x.reads) + j->x.at;
  const size_t pixel = (image * j->from_h + (size_t)i) * j->from_w + (size_t)at;
  return j->from + pixel * j->groups * j->reads + group * j->reads;
}

static real *write_at(const ms_gather *j, size_t image, size_t r, size_t q, size_t group)
{
  const size_t row = image * j->to_h + j->y.first + r * j->y.step;
  return j->to + ((row * j->to_w + j->x.first + q * j->x.step) * j->groups + group) * j->gives;
}

/* `count` results from (r, q) on, whose taps across all meet places inside. */
static void stretch(const job *k, size_t group, size_t image, size_t r, size_t q, size_t count)
{
  const ms_gather *j = k->j;
  const size_t wide = j->groups * j->reads, vectors = k->w.whole / MS_LANES;
  const ms_stretch down = ms_lattice_taps(&j->y, r);
  ms_conv_product p = { .step = j->x.reads * wide, .parts = j->x.taps,
                        .part_step = (size_t)j->x.apart * wide, .run = j->reads,
                        .y_step = j->x.step * j->groups * j->gives };
  for (size_t v = 0, n; v < vectors; v += n) {
    n = ms_conv_block(vectors - v);
    const size_t left = j->gives - v * MS_LANES;
    p.columns = left < n * MS_LANES ? left : n * MS_LANES;
    p.bias = k->w.bias + group * k->w.whole + v * MS_LANES;
    p.y = write_at(j, image, r, q, group) + v * MS_LANES;
    for (size_t a = down.first; a < down.end; a++) {
      p.a = (const operand *)read_at(j, image, r, q, a, group);
      p.b = (const operand *)(k->w.packed + (group * k->w.whole + v * MS_LANES) * k->w.depth +
                              a * j->x.taps * j->reads * n * MS_LANES);
      p.add = a > down.first;
      MS_K(conv_product)(&p, count, n);
    }
  }
}

/* Results that read outside: those of the rows first .. end-1 that are not inside, as patches. */
typedef struct edge {
  size_t count;
  real *patch, *result; /* (most, depth), (most, gives) */
  size_t *place;        /* (most): results counted over images and rows */
} edge;

static int make_edge(const job *k, size_t most, edge *e)
{
  const size_t numbers = most * (k->w.depth * sizeof(real) + sizeof(size_t)) + 64;
  char *room = ms_scratch(&room_for_patches, numbers);
  e->result = ms_scratch(&room_for_results, most * k->j->gives * sizeof(real) + 1);
  if (!room || !e->result) return -1;
  e->place = (size_t *)room;
  e->patch = (real *)(room + (most * sizeof(size_t) + 63) / 64 * 64);
  e->count = 0;
  return 0;
}

static void finish_edge(const job *k, size_t group, const edge *e)
{
  const ms_gather *j = k->j;
  MS_K(gather_multiply)(&k->w, j->gives, group, e->patch, k->w.depth, e->count, e->result,
                        j->gives);
  for (size_t i = 0; i < e->count; i++) {
    const size_t p = e->place[i], q = p % j->x.count, row = p / j->x.count;
    memcpy(write_at(j, row / j->y.count, row % j->y.count, q, group), e->result + i * j->gives,
           j->gives * sizeof(real));
  }
}

static void add_edge(const job *k, size_t group, size_t row, size_t first, size_t end, edge *e)
{
  for (size_t q = first; q < end; q++) {
    const size_t p = row * k->j->x.count + q;
    MS_K(gather_patches)(k->j, group, p, 1, e->patch + e->count * k->w.depth);
    e->place[e->count++] = p;
  }
}

/* A chunk is a band of rows of one group. */
static void band(void *arg, size_t chunk)
{
  job *k = arg;
  const ms_gather *j = k->j;
  const size_t group = chunk % j->groups, at = chunk / j->groups, image = at / k->bands;
  const size_t first = at % k->bands * k->rows, end = first + k->rows;
  const ms_stretch in = k->inside;
  const size_t outside = j->x.count - (in.end - in.first);
  edge e;
  if (make_edge(k, k->rows * (outside ? outside : 1), &e) != 0) {
    atomic_store(&k->failed, 1);
    return;
  }
  for (size_t r = first; r < end && r < j->y.count; r++) {
    const size_t row = image * j->y.count + r;
    const ms_stretch down = ms_lattice_taps(&j->y, r);
    if (down.end == down.first && in.end > in.first) {
      for (size_t q = in.first; q < in.end; q++)
        memcpy(write_at(j, image, r, q, group), k->w.bias + group * k->w.whole,
               j->gives * sizeof(real));
    }
    for (size_t q = in.first; q < in.end && down.end > down.first; q += STRETCH)
      stretch(k, group, image, r, q, in.end - q < STRETCH ? in.end - q : STRETCH);
    add_edge(k, group, row, 0, in.first, &e);
    add_edge(k, group, row, in.end, j->x.count, &e);
  }
  if (e.count) finish_edge(k, group, &e);
}

int MS_K(gather_rows)(const ms_gather *j)
{
  job k;
  cut(&k, j);
  if (!ms_gather_results(j)) return 0;
  if (MS_K(gather_pack)(j, &k.w) != 0) return -1;
  ms_parallel_of(ms_gather_size(j), j->n * k.bands * j->groups, band, &k);
  return atomic_load(&k.failed) ? -1 : 0;
}

/* ---- by weight --------------------------------------------------------------------------- */
/* Gradients of the rows of a band: in whole vectors. */
typedef struct gradients {
  const real *at; /* of result (first row, 0) */
  size_t step, row;
} gradients;

static int gradients_of(const job *k, size_t group, size_t image, size_t first, size_t rows,
                        gradients *g)
{
  const ms_gather *j = k->j;
  const size_t wide = j->groups * j->gives, count = rows * j->x.count, whole = k->w.whole;
  const real *gy = j->to + (image * j->to_h + first) * j->to_w * wide + group * j->gives;
  *g = (gradients){ gy, wide, j->x.count * wide };
  if (whole == j->gives) return 0;
  real *to = ms_scratch(&room_for_gradients, count * whole * sizeof *to);
  if (!to) return -1;
  *g = (gradients){ to, whole, j->x.count * whole };
  for (size_t p = 0; p < count; p++, gy += wide, to += whole) {
    memcpy(to, gy, j->gives * sizeof *to);
    memset(to + j->gives, 0, (whole - j->gives) * sizeof *to);
  }
  return 0;
}

/* Adds what some columns of a band's rows give to a tap's sums (reads, whole). */
static void add_tap(const job *k, size_t group, size_t image, ms_stretch rows, ms_stretch columns,
                    size_t a, size_t b, size_t first, const gradients *g, real *sums)
{
  const ms_gather *j = k->j;
  const size_t wide = j->groups * j->reads;
  if (rows.end <= rows.first || columns.end <= columns.first) return;
  const real *x = read_at(j, image, rows.first, columns.first, a, group);
  const ms_conv_outer t = { .a = (const operand *)(x + b * (size_t)j->x.apart * wide),
                            .b = (const operand *)(g->at + (rows.first - first) * g->row +
                                                   columns.first * g->step),
                            .a_step = j->x.reads * wide, .a_row = j->y.reads * j->from_w * wide,
                            .b_step = g->step, .b_row = g->row, .images = 1,
                            .rows = rows.end - rows.first, .pixels = columns.end - columns.first,
                            .c = sums, .c_step = k->w.whole };
  MS_K(conv_outer)(&t, j->reads, k->w.whole / MS_LANES);
}

static ms_stretch within(ms_stretch s, size_t first, size_t end)
{
  if (s.first < first) s.first = first;
  if (s.end > end) s.end = end;
  return s;
}

/* All taps over a band's rows, a stretch of columns after the other. */
static int add_band(const job *k, size_t group, size_t at, real *sums)
{
  const ms_gather *j = k->j;
  const size_t image = at / k->bands, first = at % k->bands * k->rows;
  const size_t end = first + k->rows < j->y.count ? first + k->rows : j->y.count;
  gradients g;
  if (gradients_of(k, group, image, first, end - first, &g) != 0) return -1;
  for (size_t q = 0; q < j->x.count; q += BAND_RESULTS)
    for (size_t a = 0; a < j->y.taps; a++)
      for (size_t b = 0; b < j->x.taps; b++)
        add_tap(k, group, image, within(ms_lattice_results(&j->y, a), first, end),
                within(ms_lattice_results(&j->x, b), q, q + BAND_RESULTS), a, b, first, &g,
                sums + (a * j->x.taps + b) * j->reads * k->w.whole);
  return 0;
}

/* A chunk is a part of all bands, of one group. */
static void part(void *arg, size_t chunk)
{
  job *k = arg;
  const size_t group = chunk % k->j->groups, p = chunk / k->j->groups;
  const size_t all = k->j->n * k->bands, size = k->w.depth * k->w.whole;
  real *sums = k->sums + chunk * size;
  memset(sums, 0, size * sizeof *sums);
  for (size_t at = all * p / k->parts; at < all * (p + 1) / k->parts; at++)
    if (add_band(k, group, at, sums) != 0) atomic_store(&k->failed, 1);
}

int MS_K(weight_rows)(const ms_gather *j, real *gw)
{
  job k;
  cut(&k, j);
  ms_gather_weights_sizes(j, &k.w);
  const size_t all = j->n * k.bands, size = j->groups * k.w.depth * k.w.whole;
  k.parts = all < MOST_PARTS ? all : MOST_PARTS;
  k.sums = ms_scratch(&room_for_sums, k.parts * size * sizeof *k.sums + 1);
  if (!k.sums) return -1;
  ms_parallel_of(ms_gather_size(j), k.parts * j->groups, part, &k);
  if (atomic_load(&k.failed)) return -1;
  MS_K(gather_finish)(j, &k.w, k.sums, k.parts, gw);
  return 0;
}
