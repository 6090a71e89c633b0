/* Winograd's convolution, forward (and by input, with the flipped weight): a chunk is a few tiles,
   whose patches are transformed, multiplied plane by plane with the transformed weight, and
   transformed back, all within the second cache. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../base/memory.h"
#include "../../../base/thread_pool.h"
#include "../conv_solver.h"
#include "../../simd/stream_store.h"
#include "winograd.h"

enum {
  PATCH_BYTES = 256 << 10, /* of transformed patches in a chunk */
  LEAST_TILES = 14,
  MOST_TILES = 224,
  LEAST_CHUNKS = 16
};
static ms_scratch_key room_for_tiles, room_for_weights;

typedef struct job {
  const ms_conv_task *t;
  const operand *packed;
  const real *zeros;
  ms_winograd_grid grid;
  size_t tiles; /* of a chunk */
  int nontemporal;     /* y goes past the caches */
  atomic_int failed, odd;
} job;

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
  const size_t count = j->grid.planes * ms_conv_operands(t->s.cin) * ms_conv_vectors(t->s.cout) *
      MS_LANES;
  const int ready = is_packed(t, solver);
  real *to = ready ? t->kept->room
                   : room_of(t, solver, zeros * sizeof *to + count * sizeof(operand));
  if (!to) return -1;
  j->zeros = to;
  j->packed = (operand *)(to + zeros);
  if (ready) return 0;
  memset(to, 0, zeros * sizeof *to);
  MS_K(winograd_pack)(t, j->grid.side, (operand *)(to + zeros));
  return 0;
}

/* The products of all tiles with `wide` registers of output channels from v on. */
static void multiply(const job *j, ms_winograd_operands patches, size_t count, size_t v,
                     size_t wide, ms_winograd_planes sums)
{
  const size_t depth = ms_conv_operands(j->t->s.cin);
  ms_conv_product p = { .step = patches.step, .parts = 1, .run = depth, .bias = j->zeros,
                        .y_step = sums.step, .columns = sums.step };
  for (size_t xi = 0; xi < j->grid.planes; xi++) {
    p.a = patches.at + xi * patches.plane;
    p.b = j->packed + (v * j->grid.planes + xi * wide) * MS_LANES * depth;
    p.y = sums.at + xi * sums.plane;
    MS_K(conv_product)(&p, count, wide);
  }
}

static void tiles(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_task *t = j->t;
  const size_t first = chunk * j->tiles, left = j->grid.tiles - first, cout = t->s.cout;
  const size_t count = left < j->tiles ? left : j->tiles, vectors = ms_conv_vectors(cout);
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
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t from = v * MS_LANES, most = wide * MS_LANES;
    const ms_winograd_planes sums =
        { (real *)(room + j->grid.planes * plane), ms_winograd_plane(j->tiles, most), most };
    multiply(j, patches, count, v, wide, sums);
    if (MS_K(winograd_output)(&j->grid, sums, first, count, cout - from < most ? cout - from : most,
                              t->bias ? t->bias + from : NULL, t->y + from, j->nontemporal))
      atomic_store(&j->odd, 1);
  }
  if (j->nontemporal) ms_stream_done();
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
  const size_t most = j.grid.tiles / LEAST_CHUNKS + 1;
  j.tiles = PATCH_BYTES / (j.grid.planes * ms_conv_operands(t->s.cin) * sizeof(operand));
  if (j.tiles > MOST_TILES) j.tiles = MOST_TILES;
  if (j.tiles > most) j.tiles = most;
  if (j.tiles < LEAST_TILES) j.tiles = LEAST_TILES;
  const size_t chunks = (j.grid.tiles + j.tiles - 1) / j.tiles;
  j.tiles = (j.grid.tiles + chunks - 1) / chunks; /* of nearly equal size */
  ms_parallel(chunks, tiles, &j);
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
