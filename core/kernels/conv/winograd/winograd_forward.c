/* Winograd's convolution, forward (and by input, with the flipped weight): a chunk is a few tiles,
   whose patches are transformed, multiplied plane by plane with the transformed weight, and
   transformed back, all within the second cache. A weight that is larger than that cache would be
   read anew by every chunk: then tiles go in rounds, each transformed, multiplied, a few columns of
   a plane at a time, and transformed back by all threads together. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../base/memory.h"
#include "../../../base/sizes.h"
#include "../../../base/thread_pool.h"
#include "../conv_solver.h"
#include "../../simd/stream_store.h"
#include "winograd.h"

enum {
  PATCH_BYTES = 256 << 10, /* of transformed patches in a chunk */
  LEAST_TILES = 14,
  MOST_TILES = 224,
  LEAST_CHUNKS = 64,
  LARGE_WEIGHT = 1 << 20, /* bytes of it, transformed */
  ROUND_BYTES = 4 << 20, /* of patches and sums in a round */
  ROUND_TILES = 2 /* transformed in one chunk */
};
static ms_scratch_key room_for_tiles, room_for_rounds, room_for_weights;

typedef struct job {
  const ms_conv_task *t;
  const operand *packed;
  const real *zeros;
  ms_winograd_grid grid;
  size_t tiles; /* of a chunk, or of a round */
  int nontemporal;     /* y goes past the caches */
  ms_winograd_operands patches; /* of a round, which has `count` tiles from `first` on */
  ms_winograd_planes sums;
  size_t first, count;
  atomic_int failed, odd;
} job;

static size_t weight_size(const job *j)
{
  const ms_conv_shape *s = &j->t->s;
  return j->grid.planes * ms_conv_operands(s->cin) * ms_conv_vectors(s->cout) * MS_LANES;
}

static int is_packed(const ms_conv_task *t, const ms_conv_solver *solver)
{
  const ms_kept_weight *p = t->kept;
  return p && p->solver == solver && p->weight == t->weight && p->cin == t->s.cin &&
         p->cout == t->s.cout;
}

/* Room for the packed weight: where it is kept, or scratch. */
static real *room_of(const ms_conv_task *t, const ms_conv_solver *solver, size_t bytes)
{
  if (!t->kept) return ms_scratch(&room_for_weights, bytes);
  real *room = ms_alloc(bytes);
  if (!room) return NULL;
  ms_free(t->kept->room);
  *t->kept = (ms_kept_weight){ solver, t->weight, t->s.cin, t->s.cout, room };
  return room;
}

/* Zeros, for sums begin with them, and the transformed weight. */
static int pack_weight(job *j, const ms_conv_solver *solver)
{
  const ms_conv_task *t = j->t;
  const size_t zeros = 3 * MS_LANES;
  const int ready = is_packed(t, solver);
  real *to = ready ? t->kept->room
                   : room_of(t, solver, zeros * sizeof *to + weight_size(j) * sizeof(operand));
  if (!to) return -1;
  j->zeros = to;
  j->packed = (operand *)(to + zeros);
  if (ready) return 0;
  memset(to, 0, zeros * sizeof *to);
  MS_K(winograd_pack)(t, j->grid.side, (operand *)(to + zeros));
  return 0;
}

/* Registers of output channels, from v on. */
typedef struct columns {
  size_t v, wide;
} columns;

/* The products of a plane of `count` tiles with some output channels, which begin at `sums`. */
static void multiply(const job *j, ms_winograd_operands patches, size_t count, size_t xi,
                     columns c, ms_winograd_planes sums)
{
  const size_t depth = ms_conv_operands(j->t->s.cin);
  const ms_conv_product p = { .a = patches.at + xi * patches.plane, .step = patches.step,
                              .parts = 1, .run = depth,
                              .b = j->packed + (c.v * j->grid.planes + xi * c.wide) * MS_LANES *
                                  depth,
                              .bias = j->zeros, .y = sums.at + xi * sums.plane,
                              .y_step = sums.step, .columns = c.wide * MS_LANES };
  MS_K(conv_product)(&p, count, c.wide);
}

/* Sums of some output channels become numbers of y. */
static void leave(job *j, size_t first, size_t count, columns c, ms_winograd_planes sums)
{
  const ms_conv_task *t = j->t;
  const size_t from = c.v * MS_LANES, left = t->s.cout - from, most = c.wide * MS_LANES;
  if (MS_K(winograd_output)(&j->grid, sums, first, count, left < most ? left : most,
                            t->bias ? t->bias + from : NULL, t->y + from, j->nontemporal))
    atomic_store(&j->odd, 1);
}

static void tiles(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_task *t = j->t;
  const size_t first = chunk * j->tiles, left = j->grid.tiles - first;
  const size_t count = left < j->tiles ? left : j->tiles, vectors = ms_conv_vectors(t->s.cout);
  const size_t depth = ms_conv_operands(t->s.cin), plane = ms_winograd_plane(j->tiles, depth);
  const size_t beside = ms_winograd_plane(j->tiles, 3 * MS_LANES);
  operand *room = ms_scratch(&room_for_tiles,
                             j->grid.planes * (plane * sizeof *room + beside * sizeof(real)));
  if (!room) {
    atomic_store(&j->failed, 1);
    return;
  }
  const ms_winograd_operands patches = { room, plane, depth };
  MS_K(winograd_input_operands)(&j->grid, t->prologue, t->x, first, count, patches);
  for (columns c = { 0, 0 }; c.v < vectors; c.v += c.wide) {
    c.wide = ms_conv_block(vectors - c.v);
    const size_t most = c.wide * MS_LANES;
    const ms_winograd_planes sums =
        { (real *)(room + j->grid.planes * plane), ms_winograd_plane(j->tiles, most), most };
    for (size_t xi = 0; xi < j->grid.planes; xi++) multiply(j, patches, count, xi, c, sums);
    leave(j, first, count, c, sums);
  }
  if (j->nontemporal) ms_stream_done();
}

/* Chunks of nearly equal size. */
static void all_chunks(job *j)
{
  const size_t most = j->grid.tiles / LEAST_CHUNKS + 1;
  j->tiles = PATCH_BYTES / (j->grid.planes * ms_conv_operands(j->t->s.cin) * sizeof(operand));
  if (j->tiles > MOST_TILES) j->tiles = MOST_TILES;
  if (j->tiles > most) j->tiles = most;
  if (j->tiles < LEAST_TILES) j->tiles = LEAST_TILES;
  const size_t chunks = (j->grid.tiles + j->tiles - 1) / j->tiles;
  j->tiles = (j->grid.tiles + chunks - 1) / chunks;
  ms_parallel(chunks, tiles, j);
}

/* ---- rounds ------------------------------------------------------------------------------ */
/* Some tiles of a round: where they begin in it, and how many. */
typedef struct stretch {
  size_t at, count;
} stretch;

static stretch stretch_of(const job *j, size_t chunk)
{
  const size_t at = chunk * ROUND_TILES;
  return (stretch){ at, ms_least(j->count - at, ROUND_TILES) };
}

static void enter_round(void *arg, size_t chunk)
{
  const job *j = arg;
  const stretch s = stretch_of(j, chunk);
  ms_winograd_operands to = j->patches;
  to.at += s.at * to.step;
  MS_K(winograd_input_operands)(&j->grid, j->t->prologue, j->t->x, j->first + s.at, s.count, to);
}

/* The i-th block of columns: all have two registers, but the last may have three or one. */
static columns block(const job *j, size_t i)
{
  return (columns){ 2 * i, ms_conv_block(ms_conv_vectors(j->t->s.cout) - 2 * i) };
}

static size_t blocks(const job *j)
{
  const size_t vectors = ms_conv_vectors(j->t->s.cout);
  return vectors == 1 ? 1 : vectors / 2;
}

static void multiply_round(void *arg, size_t chunk)
{
  const job *j = arg;
  const columns c = block(j, chunk / j->grid.planes);
  ms_winograd_planes sums = j->sums;
  sums.at += c.v * MS_LANES;
  multiply(j, j->patches, j->count, chunk % j->grid.planes, c, sums);
}

static void leave_round(void *arg, size_t chunk)
{
  job *j = arg;
  const stretch s = stretch_of(j, chunk);
  for (size_t i = 0; i < blocks(j); i++) {
    const columns c = block(j, i);
    ms_winograd_planes from = j->sums;
    from.at += s.at * from.step + c.v * MS_LANES;
    leave(j, j->first + s.at, s.count, c, from);
  }
  if (j->nontemporal) ms_stream_done();
}

static int all_rounds(job *j)
{
  const size_t depth = ms_conv_operands(j->t->s.cin), all = j->grid.tiles;
  const size_t wide = ms_conv_vectors(j->t->s.cout) * MS_LANES, planes = j->grid.planes;
  const size_t most = ROUND_BYTES / (planes * (depth * sizeof(operand) + wide * sizeof(real))) + 1;
  j->tiles = ms_parts_of(all, ms_parts_of(all, most));
  const size_t plane = ms_winograd_plane(j->tiles, depth);
  const size_t beside = ms_winograd_plane(j->tiles, wide);
  operand *room = ms_scratch(&room_for_rounds,
                             planes * (plane * sizeof *room + beside * sizeof(real)));
  if (!room) return -1;
  j->patches = (ms_winograd_operands){ room, plane, depth };
  j->sums = (ms_winograd_planes){ (real *)(room + planes * plane), beside, wide };
  for (; j->first < all; j->first += j->count) {
    j->count = ms_least(all - j->first, j->tiles);
    const size_t chunks = ms_parts_of(j->count, ROUND_TILES);
    ms_parallel(chunks, enter_round, j);
    ms_parallel(planes * blocks(j), multiply_round, j);
    ms_parallel(chunks, leave_round, j);
  }
  return 0;
}

/* Costs in multiply-adds of registers, measured: of a register of channels of a tile as it enters
   and leaves, and of a register of the weight. Words of two are stored with less. */
typedef struct costs {
  size_t in, out, weight;
} costs;
static const costs costs_of_2 =
    { MS_PER_OPERAND == 1 ? 240 : 150, MS_PER_OPERAND == 1 ? 210 : 130, 370 };
static const costs costs_of_4 = { 650, 500, 590 };

static size_t cost(const ms_conv_shape *s, size_t side, costs c)
{
  const ms_winograd_grid g = ms_winograd_cut(s, side);
  const size_t in = ms_conv_vectors(s->cin), out = ms_conv_vectors(s->cout);
  const size_t depth = ms_conv_operands(s->cin);
  return g.tiles * (g.planes * depth * out + c.in * in + c.out * out) + c.weight * s->cin * out;
}

static size_t cost_2(const ms_conv_shape *s) { return cost(s, 2, costs_of_2); }
static size_t cost_4(const ms_conv_shape *s) { return cost(s, 4, costs_of_4); }

static int takes_2(const ms_conv_shape *s)
{
  return ms_winograd_fits(s) && s->cin % MS_PER_OPERAND == 0;
}

/* Rounded to bf16, the larger transform's factors would lose too much: simulated, an error of 1.1 %
   of the output, where the smaller's are 0.4 % and plain sums' 0.24 %. */
static int takes_4(const ms_conv_shape *s)
{
  return ms_winograd_fits(s) && MS_PER_OPERAND == 1;
}

static int run(const ms_conv_task *t, size_t side, const ms_conv_solver *solver)
{
  job j = { .t = t, .grid = ms_winograd_cut(&t->s, side) };
  j.nontemporal = ms_nontemporal(t->y, t->s.cout, t->s.n * t->s.oh * t->s.ow * t->s.cout);
  if (pack_weight(&j, solver) != 0) return -1;
  if (weight_size(&j) * sizeof(operand) > LARGE_WEIGHT)
    atomic_store(&j.failed, all_rounds(&j) != 0);
  else all_chunks(&j);
  if (atomic_load(&j.failed)) return ms_fail("conv2d: no memory for tiles of patches");
  return atomic_load(&j.odd) ? MS_CONV_NOT_FINITE : 0;
}

static int run_2(const ms_conv_task *t) { return run(t, 2, &MS_K(winograd_2x2)); }
static int run_4(const ms_conv_task *t) { return run(t, 4, &MS_K(winograd_4x4)); }

const ms_conv_solver MS_K(winograd_2x2) = {
  .name = "winograd_2x2", .applicable = takes_2, .cost = cost_2, .run.forward = run_2,
};
const ms_conv_solver MS_K(winograd_4x4) = {
  .name = "winograd_4x4", .applicable = takes_4, .cost = cost_4, .run.forward = run_4,
};
