/* Convolutions as matrix products: the patches of a tile of results, group by group, times the
   group's weights. Register tiles multiply them; in reduced precision the products of gemm/. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../../gemm/gemm.h"
#include "gather_weights.h"

enum {
  TILE_NUMBERS = 1 << 16,
  LEAST_RESULTS = 28, /* in a tile; of those whose sums are read and written for each, more */
  LEAST_SUMMED = 128,
  MOST_RESULTS = 448,
  MOST_PARTS = 16
};
static ms_scratch_key room_for_patches, room_for_results, room_for_sums, room_for_gradients;

typedef struct job {
  const ms_gather *j;
  ms_gather_weights w;
  size_t all, tile, tiles; /* results; those of a chunk */
  real *sums;           /* by weight: (parts, groups, depth, whole) */
  size_t parts;
  atomic_int failed;
} job;

static void cut(job *k, const ms_gather *j, size_t least)
{
  *k = (job){ .j = j, .all = ms_gather_results(j) };
  ms_gather_weights_sizes(j, &k->w);
  k->tile = TILE_NUMBERS / (k->w.depth + 1);
  if (k->tile < least) k->tile = least;
  if (k->tile > MOST_RESULTS) k->tile = MOST_RESULTS;
  k->tiles = (k->all + k->tile - 1) / k->tile;
}

/* ---- patches --------------------------------------------------------------------------------- */
/* Whether a pixel of one tap is all that each result reads, in order. */
static int in_place(const ms_gather *j)
{
  return j->y.taps * j->x.taps == 1 && j->y.reads * j->x.reads == 1 && !j->y.at && !j->x.at &&
         j->y.count == j->from_h && j->x.count == j->from_w;
}

/* The patches of `count` results and the numbers from one to the next; NULL without memory. */
static const real *patches(const job *k, size_t group, size_t first, size_t count, size_t *step)
{
  const ms_gather *j = k->j;
  if (in_place(j)) {
    *step = j->groups * j->reads;
    return j->from + first * *step + group * j->reads;
  }
  *step = k->w.depth;
  real *to = ms_scratch(&room_for_patches, k->tile * k->w.depth * sizeof *to + 1);
  if (to) MS_K(gather_patches)(j, group, first, count, to);
  return to;
}

/* Results p .. of a phase, out of rows side by side, to where they belong. */
static void place(const ms_gather *j, size_t group, size_t first, size_t count, const real *from)
{
  for (size_t p = first; p < first + count; p++, from += j->gives) {
    const size_t q = j->x.first + p % j->x.count * j->x.step;
    const size_t r = j->y.first + p / j->x.count % j->y.count * j->y.step;
    const size_t image = p / j->x.count / j->y.count;
    memcpy(j->to + (((image * j->to_h + r) * j->to_w + q) * j->groups + group) * j->gives, from,
           j->gives * sizeof *from);
  }
}

/* ---- results --------------------------------------------------------------------------------- */
/* Patches times a group's weights in reduced precision. */
static int multiply_reduced(const job *k, size_t group, const real *a, size_t step, size_t count,
                            real *y, size_t y_step)
{
  const ms_gather *j = k->j;
  const ms_product p = { .m = count, .n = j->gives, .k = k->w.depth, .scale = 1, .a = a,
                         .lda = step, .b = k->w.plain + group * k->w.depth * j->gives,
                         .ldb = j->gives, .bias = k->w.bias + group * k->w.whole, .c = y,
                         .ldc = y_step };
  return ms_k_gemm(MS_SET_PRECISION)->here(&p);
}

/* A chunk is a tile of results of one group. */
static void tile(void *arg, size_t chunk)
{
  job *k = arg;
  const ms_gather *j = k->j;
  const size_t group = chunk % j->groups, first = chunk / j->groups * k->tile;
  const size_t left = k->all - first, count = left < k->tile ? left : k->tile;
  const int whole = j->y.step * j->x.step == 1;
  size_t step;
  const real *a = patches(k, group, first, count, &step);
  real *scratch =
      whole ? NULL : ms_scratch(&room_for_results, k->tile * j->gives * sizeof *scratch);
  if (!a || (!whole && !scratch)) {
    atomic_store(&k->failed, 1);
    return;
  }
  const size_t wide = j->groups * j->gives;
  real *y = whole ? j->to + first * wide + group * j->gives : scratch;
  const size_t y_step = whole ? wide : j->gives;
  if (MS_PER_OPERAND == 1)
    MS_K(gather_multiply)(&k->w, j->gives, group, a, step, count, y, y_step);
  else if (multiply_reduced(k, group, a, step, count, y, y_step) != 0) atomic_store(&k->failed, 1);
  if (!whole) place(j, group, first, count, scratch);
}

int MS_K(gather_products)(const ms_gather *j)
{
  job k;
  cut(&k, j, LEAST_RESULTS);
  if (!k.all) return 0;
  if (MS_K(gather_pack)(j, &k.w) != 0) return -1;
  ms_parallel_of(ms_gather_size(j), k.tiles * j->groups, tile, &k);
  return atomic_load(&k.failed) ? -1 : 0;
}

/* ---- by weight ------------------------------------------------------------------------------- */
/* A tile's gradients of one group in whole vectors, and the numbers from one pixel to the next. */
static const real *gradients(const job *k, size_t group, size_t first, size_t count, size_t *step)
{
  const ms_gather *j = k->j;
  const size_t wide = j->groups * j->gives;
  const real *gy = j->to + first * wide + group * j->gives;
  *step = wide;
  if (k->w.whole == j->gives) return gy;
  *step = k->w.whole;
  real *to = ms_scratch(&room_for_gradients, k->tile * k->w.whole * sizeof *to);
  for (size_t p = 0; to && p < count; p++, gy += wide) {
    memcpy(to + p * k->w.whole, gy, j->gives * sizeof *to);
    memset(to + p * k->w.whole + j->gives, 0, (k->w.whole - j->gives) * sizeof *to);
  }
  return to;
}

/* Adds a tile's part to sums (depth, whole), or begins them. */
static int add_tile(const job *k, size_t group, size_t t, int fresh, real *sums)
{
  const size_t first = t * k->tile, left = k->all - first;
  const size_t count = left < k->tile ? left : k->tile;
  size_t step, gy_step;
  const real *a = patches(k, group, first, count, &step);
  const real *gy = gradients(k, group, first, count, &gy_step);
  if (!a || !gy) return -1;
  if (MS_PER_OPERAND > 1) {
    const ms_product p = { .ta = 1, .m = k->w.depth, .n = k->w.whole, .k = count, .scale = 1,
                           .a = a, .lda = step, .b = gy, .ldb = gy_step, .add = !fresh, .c = sums,
                           .ldc = k->w.whole };
    return ms_k_gemm(MS_SET_PRECISION)->here(&p);
  }
  const ms_conv_outer p = { .a = (const operand *)a, .b = (const operand *)gy, .a_step = step,
                            .b_step = gy_step, .images = 1, .rows = 1, .pixels = count,
                            .c = sums, .c_step = k->w.whole, .fresh = fresh };
  MS_K(conv_outer)(&p, k->w.depth, k->w.whole / MS_LANES);
  return 0;
}

/* A chunk is a part of all results, of one group. */
static void part(void *arg, size_t chunk)
{
  job *k = arg;
  const size_t groups = k->j->groups, group = chunk % groups, p = chunk / groups;
  const size_t from = k->tiles * p / k->parts, to = k->tiles * (p + 1) / k->parts;
  for (size_t t = from; t < to; t++)
    if (add_tile(k, group, t, t == from, k->sums + chunk * k->w.depth * k->w.whole) != 0) {
      atomic_store(&k->failed, 1);
      return;
    }
}

int MS_K(weight_products)(const ms_gather *j, real *gw)
{
  job k;
  cut(&k, j, LEAST_SUMMED);
  k.parts = k.tiles < MOST_PARTS ? k.tiles : MOST_PARTS;
  const size_t size = j->groups * k.w.depth * k.w.whole;
  k.sums = ms_scratch(&room_for_sums, k.parts * size * sizeof *k.sums + 1);
  if (!k.sums) return -1;
  ms_parallel_of(ms_gather_size(j), k.parts * j->groups, part, &k);
  if (atomic_load(&k.failed)) return -1;
  MS_K(gather_finish)(j, &k.w, k.sums, k.parts, gw);
  return 0;
}
