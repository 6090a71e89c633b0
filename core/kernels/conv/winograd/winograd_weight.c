/* The gradient of Winograd's convolution by its weight: a matrix for each plane of sums over tiles
   of transformed patches times transformed gradients, then back to 3x3. Where the matrices are
   small, tiles are cut into parts with sums of their own, added in order. Where they are large, all
   share one sum: the tiles go in rounds, each transformed at once and then multiplied, plane by
   plane and a few columns at a time. */
#include <stdatomic.h>
#include <string.h>

#include "../../../base/error.h"
#include "../../../base/memory.h"
#include "../../../base/sizes.h"
#include "../../../base/thread_pool.h"
#include "../conv_solver.h"
#include "winograd.h"
#include "winograd_lines.h"

enum {
  TILE_BYTES = 512 << 10, /* of patches and gradients at a time */
  LEAST_TILES = 48,
  MOST_TILES = 256,
  PART_TILES = 48, /* at least, in a part */
  LEAST_PARTS = 4, /* below which another solver is faster */
  MOST_PARTS = 64,
  SUMS_BYTES = 10 << 20, /* of all parts */
  ROUND_BYTES = 2 << 20, /* of patches and gradients in a round */
  ROUND_TILES = 2, /* transformed in one chunk */
  ROUND_COLUMNS = 2 /* registers of columns multiplied in one chunk */
};
static ms_scratch_key room_for_sums, room_for_tiles, room_for_rounds;

/* Costs in multiply-adds of registers, measured: of a register of channels of a tile of x and of
   gy, operands made, and of a register of sums of a part. */
typedef struct costs {
  size_t in, out, sum;
} costs;
static const costs costs_of_2 =
    { 175 + (MS_PER_OPERAND - 1) * 50, 175 + (MS_PER_OPERAND - 1) * 50, 23 };
static const costs costs_of_4 = { 550, 350, 23 };

typedef struct job {
  const ms_conv_backward_weight *t;
  ms_winograd_grid grid;
  size_t tiles, parts;      /* tiles at a time, or in a round; parts */
  size_t wide, size;        /* numbers of a row of sums, of one part's sums */
  real *sums;
  ms_winograd_planes x, gy; /* of a round, which has `count` tiles from `first` on */
  size_t first, count;
  atomic_int failed;
} job;

#ifdef __AVX512BF16__
/* Words of two tiles each, in place of `count` tiles; after an odd one come zeros. */
static void couple(ms_winograd_planes p, size_t planes, size_t count)
{
  for (size_t xi = 0; xi < planes; xi++)
    for (size_t t = 0; t < count; t += 2) {
      const real *from = p.at + xi * p.plane + t * p.step;
      operand *to = (operand *)(p.at + xi * p.plane + t / 2 * p.step);
      for (size_t c = 0; c < p.step; c += MS_LANES) {
        const __mmask16 have = p.step - c < MS_LANES ? (__mmask16)((1u << (p.step - c)) - 1) :
            0xffff;
        const vec early = (vec)_mm512_maskz_loadu_ps(have, from + c);
        const vec late = t + 1 < count ? (vec)_mm512_maskz_loadu_ps(have, from + p.step + c) :
            (vec){ 0 };
        _mm512_mask_storeu_epi32(to + c, have, (__m512i)ms_pairs(early, late));
      }
    }
}
#else
static void couple(ms_winograd_planes p, size_t planes, size_t count)
{
  (void)p, (void)planes, (void)count;
}
#endif

/* Numbers from one tile to the next: an odd number of lines where they are many, lest the tiles of
   one plane meet in few sets of the first cache. */
static size_t spaced(size_t channels)
{
  return channels % 32 ? channels : channels + 16;
}

/* `vectors` registers of columns of a plane, from v on. */
typedef struct columns {
  size_t v, vectors;
} columns;

/* Adds the products of `count` operands at.. of tiles. */
static void add_plane(const job *j, ms_winograd_planes x, ms_winograd_planes gy, size_t xi,
                      columns c, size_t at, size_t count, int fresh, real *sums)
{
  const size_t cin = j->t->s.cin, from = c.v * MS_LANES;
  const ms_conv_outer o = { .a = (const operand *)(x.at + xi * x.plane + at * x.step),
                            .a_step = x.step,
                            .b = (const operand *)(gy.at + xi * gy.plane + at * gy.step) + from,
                            .b_step = gy.step, .images = 1, .rows = 1, .pixels = count,
                            .c = sums + xi * cin * j->wide + from, .c_step = j->wide,
                            .fresh = fresh };
  MS_K(conv_outer)(&o, cin, c.vectors);
}

static void add_tiles(const job *j, ms_winograd_planes x, ms_winograd_planes gy, size_t count,
                      int fresh, real *sums)
{
  const columns all = { 0, j->wide / MS_LANES };
  couple(x, j->grid.planes, count);
  couple(gy, j->grid.planes, count);
  for (size_t xi = 0; xi < j->grid.planes; xi++)
    add_plane(j, x, gy, xi, all, 0, ms_conv_operands(count), fresh, sums);
}

static void part(void *arg, size_t p)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t planes = j->grid.planes, start = j->grid.tiles * p / j->parts;
  const size_t end = j->grid.tiles * (p + 1) / j->parts;
  const size_t plane = ms_winograd_plane(j->tiles, spaced(s->cin));
  const size_t beside = ms_winograd_plane(j->tiles, spaced(j->wide));
  real *room = ms_scratch(&room_for_tiles, planes * (plane + beside) * sizeof *room);
  if (!room) {
    atomic_store(&j->failed, 1);
    return;
  }
  const ms_winograd_planes x = { room, plane, spaced(s->cin) };
  const ms_winograd_planes gy = { room + planes * plane, beside, spaced(j->wide) };
  /* whole vectors are read */
  if (s->cout < j->wide) memset(gy.at, 0, planes * beside * sizeof *room);
  for (size_t t = start, count; t < end; t += count) {
    count = end - t < j->tiles ? end - t : j->tiles;
    MS_K(winograd_input)(&j->grid, j->t->prologue, j->t->x, t, count, x);
    MS_K(winograd_gradient)(&j->grid, j->t->gy, t, count, gy);
    add_tiles(j, x, gy, count, t == start, j->sums + p * j->size);
  }
}

/* ---- rounds ------------------------------------------------------------------------------ */
/* Some tiles of a round. */
static void transform(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t at = chunk * ROUND_TILES, count = ms_least(j->count - at, ROUND_TILES);
  ms_winograd_planes x = j->x, gy = j->gy;
  x.at += at * x.step;
  gy.at += at * gy.step;
  MS_K(winograd_input)(&j->grid, j->t->prologue, j->t->x, j->first + at, count, x);
  MS_K(winograd_gradient)(&j->grid, j->t->gy, j->first + at, count, gy);
}

#ifdef __AVX512BF16__
static void couple_plane(void *arg, size_t xi)
{
  const job *j = arg;
  ms_winograd_planes x = j->x, gy = j->gy;
  x.at += xi * x.plane;
  gy.at += xi * gy.plane;
  couple(x, 1, j->count);
  couple(gy, 1, j->count);
}
#endif

static size_t column_groups(const job *j)
{
  return ms_parts_of(j->wide / MS_LANES, ROUND_COLUMNS);
}

/* Some columns of a plane: as many tiles at a time as the first cache holds. */
static void multiply(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t groups = column_groups(j), v = chunk % groups * ROUND_COLUMNS;
  const size_t all = ms_conv_operands(j->count);
  const columns c = { v, ms_least(j->wide / MS_LANES - v, ROUND_COLUMNS) };
  for (size_t at = 0; at < all; at += LEAST_TILES)
    add_plane(j, j->x, j->gy, chunk / groups, c, at,
              ms_least(all - at, LEAST_TILES), !j->first && !at, j->sums);
}

static int all_rounds(job *j)
{
  const size_t planes = j->grid.planes, cin = spaced(j->t->s.cin), cout = spaced(j->wide);
  const size_t plane = ms_winograd_plane(j->tiles, cin), beside = ms_winograd_plane(j->tiles, cout);
  real *room = ms_scratch(&room_for_rounds, planes * (plane + beside) * sizeof *room);
  if (!room) return -1;
  j->x = (ms_winograd_planes){ room, plane, cin };
  j->gy = (ms_winograd_planes){ room + planes * plane, beside, cout };
  /* whole vectors are read */
  if (j->t->s.cout < j->wide) memset(j->gy.at, 0, planes * beside * sizeof *room);
  for (; j->first < j->grid.tiles; j->first += j->count) {
    j->count = ms_least(j->grid.tiles - j->first, j->tiles);
    ms_parallel(ms_parts_of(j->count, ROUND_TILES), transform, j);
#ifdef __AVX512BF16__
    ms_parallel(planes, couple_plane, j);
#endif
    ms_parallel(planes * column_groups(j), multiply, j);
  }
  return 0;
}

/* ---- from sums to the gradient ------------------------------------------------------------ */
/* A register of output channels: sums of all parts, then back to nine taps. */
MS_INLINE void narrow(const job *j, const int m, const real *from, real *to)
{
  const size_t plane = j->t->s.cin * j->wide, tap = j->t->tap;
  vec k[6][3];
  MS_UNROLL for (int col = 0; col < m + 2; col++) {
    vec s[6];
    MS_UNROLL for (int i = 0; i < m + 2; i++) {
      const real *at = from + (size_t)(i * (m + 2) + col) * plane;
      s[i] = *(const vec_u *)at;
      for (size_t p = 1; p < j->parts; p++) s[i] += *(const vec_u *)(at + p * j->size);
    }
    ms_line_weight_gradient(m, s, k[col]);
  }
  MS_UNROLL for (int a = 0; a < 3; a++) {
    vec line[6], g[3];
    MS_UNROLL for (int col = 0; col < m + 2; col++) line[col] = k[col][a];
    ms_line_weight_gradient(m, line, g);
    MS_UNROLL for (int b = 0; b < 3; b++, to += tap) *(vec_u *)to = g[b];
  }
}

static void finish(void *arg, size_t channel)
{
  const job *j = arg;
  const size_t cout = j->t->s.cout;
  for (size_t o = 0; o < cout; o += MS_LANES) {
    if (o + MS_LANES > cout) o = cout - MS_LANES;
    const real *from = j->sums + channel * j->wide + o;
    real *to = j->t->gw + channel * j->t->in + o;
    if (j->grid.side == 2) narrow(j, 2, from, to);
    else narrow(j, 4, from, to);
  }
}

/* How many parts tiles are cut into; 1: rounds. */
static size_t parts_of(const ms_winograd_grid *g)
{
  const size_t size = g->planes * g->s->cin * ms_conv_vectors(g->s->cout) * MS_LANES * sizeof(real);
  const size_t parts = ms_least(g->tiles / PART_TILES, MOST_PARTS);
  return parts * size > SUMS_BYTES ? 1 : parts;
}

static size_t cost(const ms_conv_shape *s, size_t side, costs c)
{
  const ms_winograd_grid g = ms_winograd_cut(s, side);
  const size_t in = ms_conv_vectors(s->cin), out = ms_conv_vectors(s->cout);
  const size_t products = g.planes * s->cin * out;
  return g.tiles * (products / MS_PER_OPERAND + c.in * in + c.out * out) + parts_of(&g) * c.sum *
         products;
}

static size_t cost_2(const ms_conv_shape *s) { return cost(s, 2, costs_of_2); }
static size_t cost_4(const ms_conv_shape *s) { return cost(s, 4, costs_of_4); }

static int has_tiles(const ms_conv_shape *s, size_t side)
{
  return ms_winograd_cut(s, side).tiles >= LEAST_PARTS * PART_TILES;
}

static int takes_2(const ms_conv_shape *s)
{
  return ms_winograd_fits(s) && has_tiles(s, 2);
}

/* Rounded to bf16, the larger transform's factors would lose too much (winograd_forward.c). */
static int takes_4(const ms_conv_shape *s)
{
  return ms_winograd_fits(s) && MS_PER_OPERAND == 1 && has_tiles(s, 4);
}

/* Tiles at a time; in a round an even number, and rounds of nearly equal size. */
static size_t tiles_of(const job *j)
{
  const size_t all = j->grid.tiles, cin = j->t->s.cin;
  if (j->parts > 1) {
    const size_t tiles = TILE_BYTES / (j->grid.planes * (cin + j->wide) * sizeof(real));
    return tiles < LEAST_TILES ? LEAST_TILES : ms_least(tiles, MOST_TILES);
  }
  const size_t most = ROUND_BYTES / (j->grid.planes * (spaced(cin) + spaced(j->wide)) *
                                     sizeof(real)) + 1;
  return (ms_parts_of(all, ms_parts_of(all, most)) + 1) / 2 * 2;
}

static int run(const ms_conv_backward_weight *t, size_t side)
{
  const ms_conv_shape *s = &t->s;
  job j = { .t = t, .grid = ms_winograd_cut(s, side) };
  j.parts = parts_of(&j.grid);
  j.wide = ms_conv_vectors(s->cout) * MS_LANES;
  j.size = j.grid.planes * s->cin * j.wide;
  j.sums = ms_scratch(&room_for_sums, j.parts * j.size * sizeof *j.sums);
  if (!j.sums) return -1;
  j.tiles = tiles_of(&j);
  if (j.parts == 1) atomic_store(&j.failed, all_rounds(&j) != 0);
  else ms_parallel(j.parts, part, &j);
  if (atomic_load(&j.failed)) return ms_fail("conv2d: no memory for tiles of patches");
  ms_parallel(s->cin, finish, &j);
  return 0;
}

static int run_2(const ms_conv_backward_weight *t) { return run(t, 2); }
static int run_4(const ms_conv_backward_weight *t) { return run(t, 4); }

const ms_conv_solver MS_K(winograd_weight_2x2) = {
  .name = "winograd_weight_2x2", .applicable = takes_2, .cost = cost_2,
  .run.backward_weight = run_2,
};
const ms_conv_solver MS_K(winograd_weight_4x4) = {
  .name = "winograd_weight_4x4", .applicable = takes_4, .cost = cost_4,
  .run.backward_weight = run_4,
};
