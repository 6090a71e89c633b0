/* Convolutions as matrix products: the patches of a tile of results, group by group, times the
   group's weights. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../../gemm/gemm.h"
#include "conv_gather.h"

enum { TILE_NUMBERS = 1 << 16, LEAST_RESULTS = 16, MOST_RESULTS = 512, MOST_PARTS = 16 };
static ms_scratch_key room_for_patches, room_for_weights, room_for_results, room_for_sums;

typedef struct job {
  const ms_gather *j;
  size_t depth;   /* numbers of a patch */
  size_t all, tile; /* results; those of a chunk */
  size_t tiles;
  const real *weights; /* (groups, depth, gives) */
  real *sums; /* by weight: (parts, groups, depth, gives) */
  size_t parts;
  atomic_int failed;
} job;

static void cut(job *k, const ms_gather *j)
{
  *k = (job){ .j = j, .depth = j->y.taps * j->x.taps * j->reads, .all = ms_gather_results(j) };
  k->tile = TILE_NUMBERS / (k->depth + 1);
  if (k->tile < LEAST_RESULTS) k->tile = LEAST_RESULTS;
  if (k->tile > MOST_RESULTS) k->tile = MOST_RESULTS;
  k->tiles = (k->all + k->tile - 1) / k->tile;
}

/* Weights in the order of patches. */
static const real *pack(const ms_gather *j, size_t depth)
{
  real *packed = ms_scratch(&room_for_weights, j->groups * depth * j->gives * sizeof *packed + 1);
  real *to = packed;
  if (!packed) return NULL;
  for (size_t g = 0; g < j->groups; g++)
    for (size_t a = 0; a < j->y.taps; a++)
      for (size_t b = 0; b < j->x.taps; b++)
        for (size_t c = 0; c < j->reads; c++, to += j->gives) {
          const real *w = j->weight + ms_gather_tap(j, a, b) + g * j->group + c * j->read;
          for (size_t o = 0; o < j->gives; o++) to[o] = w[o * j->give];
        }
  return packed;
}

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
  *step = k->depth;
  real *to = ms_scratch(&room_for_patches, k->tile * k->depth * sizeof *to + 1);
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
  const ms_product p = { .m = count, .n = j->gives, .k = k->depth, .scale = 1, .a = a,
                         .lda = step, .b = k->weights + group * k->depth * j->gives,
                         .ldb = j->gives, .bias = j->bias ? j->bias + group * j->gives : NULL,
                         .c = whole ? j->to + first * wide + group * j->gives : scratch,
                         .ldc = whole ? wide : j->gives };
  if (ms_k_gemm()->here(&p) != 0) atomic_store(&k->failed, 1);
  if (!whole) place(j, group, first, count, scratch);
}

int MS_K(gather_products)(const ms_gather *j)
{
  job k;
  cut(&k, j);
  if (!k.all) return 0;
  if (!(k.weights = pack(j, k.depth))) return -1;
  ms_parallel(k.tiles * j->groups, tile, &k);
  return atomic_load(&k.failed) ? -1 : 0;
}

/* A chunk is a part of all results, of one group. */
static void part(void *arg, size_t chunk)
{
  job *k = arg;
  const ms_gather *j = k->j;
  const size_t group = chunk % j->groups, p = chunk / j->groups, wide = j->groups * j->gives;
  const size_t from = k->tiles * p / k->parts, to = k->tiles * (p + 1) / k->parts;
  for (size_t t = from; t < to; t++) {
    const size_t first = t * k->tile, left = k->all - first;
    const size_t count = left < k->tile ? left : k->tile;
    size_t step;
    const real *a = patches(k, group, first, count, &step);
    if (!a) {
      atomic_store(&k->failed, 1);
      return;
    }
    const ms_product product = { .ta = 1, .m = k->depth, .n = j->gives, .k = count, .scale = 1,
                                 .a = a, .lda = step, .b = j->to + first * wide + group * j->gives,
                                 .ldb = wide, .add = t > from,
                                 .c = k->sums + chunk * k->depth * j->gives, .ldc = j->gives };
    if (ms_k_gemm()->here(&product) != 0) atomic_store(&k->failed, 1);
  }
}

/* Adds the parts, in order. */
static void finish(const job *k, real *gw)
{
  const ms_gather *j = k->j;
  const size_t size = j->groups * k->depth * j->gives;
  const real *from = k->sums;
  for (size_t g = 0; g < j->groups; g++)
    for (size_t t = 0; t < j->y.taps * j->x.taps; t++)
      for (size_t c = 0; c < j->reads; c++)
        for (size_t o = 0; o < j->gives; o++, from++) {
          real sum = *from;
          for (size_t p = 1; p < k->parts; p++) sum += from[p * size];
          gw[t * j->tap + g * j->group + c * j->read + o * j->give] = sum;
        }
}

int MS_K(weight_products)(const ms_gather *j, real *gw)
{
  job k;
  cut(&k, j);
  k.parts = k.tiles < MOST_PARTS ? k.tiles : MOST_PARTS;
  k.sums = ms_scratch(&room_for_sums,
                      k.parts * j->groups * k.depth * j->gives * sizeof *k.sums + 1);
  if (!k.sums) return -1;
  ms_parallel(k.parts * j->groups, part, &k);
  if (atomic_load(&k.failed)) return -1;
  finish(&k, gw);
  return 0;
}
