/* Winograd's convolution, forward (and by input, with the flipped weight): a chunk is a few tiles,
   whose patches are transformed, multiplied plane by plane with the transformed weight, and
   transformed back, all within the second cache. */
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"
#include "conv_gather.h"
#include "past.h"
#include "winograd.h"

enum {
  WEIGHT_SLOT = 0,
  TILE_SLOT = 1,
  PATCH_BYTES = 256 << 10, /* of transformed patches in a chunk */
  LEAST_TILES = 14,
  MOST_TILES = 224,
  LEAST_CHUNKS = 16
};

typedef struct job {
  const ms_conv_task *t;
  const word *packed;
  const real *zeros;
  size_t all, tiles; /* of all images, of a chunk */
  int past;          /* y goes past the caches */
  atomic_int failed;
} job;

typedef struct filter {
  const ms_conv_task *t;
  size_t inner; /* channels that lie side by side in the weight */
  ptrdiff_t outer;
  real *to;
  size_t plane;
} filter;

static inline vec at(const real *w)
{
  return *(const vec_u *)w;
}

/* G from the left: three numbers become four. */
static inline void widen(vec a, vec b, vec c, vec to[4])
{
  const vec outer = (a + c) * (real)0.5, middle = b * (real)0.5;
  to[0] = a;
  to[1] = outer + middle;
  to[2] = outer - middle;
  to[3] = c;
}

/* A chunk is one of the channels that lie apart. */
static void transform_weight(void *arg, size_t chunk)
{
  const filter *f = arg;
  const ptrdiff_t tap = f->t->tap;
  for (size_t c = 0; c < f->inner; c += MS_LANES) {
    if (c + MS_LANES > f->inner) c = f->inner - MS_LANES;
    const real *w = f->t->weight + (ptrdiff_t)chunk * f->outer + c;
    real *to = f->to + chunk * f->inner + c;
    vec left[4], middle[4], right[4], all[4];
    widen(at(w), at(w + 3 * tap), at(w + 6 * tap), left);
    widen(at(w + tap), at(w + 4 * tap), at(w + 7 * tap), middle);
    widen(at(w + 2 * tap), at(w + 5 * tap), at(w + 8 * tap), right);
    for (size_t i = 0; i < 4; i++) {
      widen(left[i], middle[i], right[i], all);
      for (size_t k = 0; k < 4; k++) *(vec_u *)(to + (4 * i + k) * f->plane) = all[k];
    }
  }
}

/* Sixteen matrices cin x cout, each packed as conv_product reads it. */
static int pack_weight(job *j)
{
  const ms_conv_task *t = j->t;
  const size_t cin = t->s.cin, cout = t->s.cout, plane = cin * cout;
  const int rows = t->out == 1; /* output channels side by side */
  filter f = { .t = t, .inner = rows ? cout : cin, .outer = rows ? t->in : t->out, .plane = plane };
  ms_conv_matrix m = { .tap = (ptrdiff_t)plane, .row = rows ? (ptrdiff_t)cout : 1,
                       .column = rows ? 1 : (ptrdiff_t)cin, .row_taps = 16, .row_inner = cin,
                       .column_taps = 1, .column_inner = cout };
  const size_t zeros = 3 * MS_LANES;
  real *to = ms_scratch(WEIGHT_SLOT, zeros * sizeof *to + ms_conv_packed(&m) * sizeof(word));
  f.to = to ? ms_scratch(TILE_SLOT, 16 * plane * sizeof *to) : NULL;
  if (!f.to) return -1;
  memset(to, 0, zeros * sizeof *to);
  ms_parallel(plane / f.inner, transform_weight, &f);
  m.weight = f.to;
  word *packed = (word *)(to + zeros);
  MS_K(conv_pack_matrix)(&m, packed);
  j->zeros = to;
  j->packed = packed;
  return 0;
}

/* Sixteen products of all tiles with `wide` registers of output channels from v on. */
static void multiply(const job *j, ms_winograd_words patches, size_t count, size_t v, size_t wide,
                     ms_winograd_planes sums)
{
  const size_t depth = ms_conv_words(j->t->s.cin);
  ms_conv_product p = { .step = patches.step, .parts = 1, .run = depth, .bias = j->zeros,
                        .y_step = sums.step, .columns = sums.step };
  for (size_t xi = 0; xi < 16; xi++) {
    p.a = patches.at + xi * patches.plane;
    p.b = j->packed + (v * 16 + xi * wide) * MS_LANES * depth;
    p.y = sums.at + xi * sums.plane;
    MS_K(conv_product)(&p, count, wide);
  }
}

static void tiles(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_conv_task *t = j->t;
  const size_t first = chunk * j->tiles, left = j->all - first, cout = t->s.cout;
  const size_t count = left < j->tiles ? left : j->tiles, vectors = ms_conv_vectors(cout);
  const size_t depth = ms_conv_words(t->s.cin), plane = ms_winograd_plane(j->tiles, depth);
  word *room = ms_scratch(TILE_SLOT, 16 * (plane * sizeof *room +
                                           ms_winograd_plane(j->tiles, 3 * MS_LANES) * sizeof(real)));
  if (!room) {
    atomic_store(&j->failed, 1);
    return;
  }
  const ms_winograd_words patches = { room, plane, depth };
  MS_K(winograd_input_words)(&t->s, t->entry, t->x, first, count, patches);
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t from = v * MS_LANES, most = wide * MS_LANES;
    const ms_winograd_planes sums = { (real *)(room + 16 * plane), ms_winograd_plane(j->tiles, most), most };
    multiply(j, patches, count, v, wide, sums);
    MS_K(winograd_output)(&t->s, sums, first, count, cout - from < most ? cout - from : most,
                          t->bias ? t->bias + from : NULL, t->y + from, j->past);
  }
  if (j->past) ms_past_done();
}

/* Costs of a tile, in multiply-adds of registers; a transform's were measured, and are less where it stores words of two. */
enum { TRANSFORM_IN = MS_PER_WORD == 1 ? 240 : 150, TRANSFORM_OUT = MS_PER_WORD == 1 ? 210 : 130 };

int MS_K(winograd_fits)(const ms_conv_shape *s)
{
  if (s->kh != 3 || s->kw != 3 || s->sh * s->sw > 1) return 0;
  if (s->cin < MS_LANES || s->cout < MS_LANES || s->cin % MS_PER_WORD) return 0;
  const size_t few = MS_K(conv_gathered)(s), out = ms_conv_vectors(s->cout);
  const size_t depth = ms_conv_words(s->cin);
  const size_t plain = 4 * depth * (9 * ms_conv_vectors(s->cout - few) + ms_conv_vectors(9 * few));
  return plain > 16 * depth * out + TRANSFORM_IN * ms_conv_vectors(s->cin) + TRANSFORM_OUT * out;
}

int MS_K(winograd_forward)(const ms_conv_task *t)
{
  job j = { .t = t, .all = ms_winograd_tiles(&t->s) };
  j.past = ms_past(t->y, t->s.cout, t->s.n * t->s.oh * t->s.ow * t->s.cout);
  if (pack_weight(&j) != 0) return -1;
  const size_t most = j.all / LEAST_CHUNKS + 1;
  j.tiles = PATCH_BYTES / (16 * ms_conv_words(t->s.cin) * sizeof(word));
  if (j.tiles > MOST_TILES) j.tiles = MOST_TILES;
  if (j.tiles > most) j.tiles = most;
  if (j.tiles < LEAST_TILES) j.tiles = LEAST_TILES;
  ms_parallel((j.all + j.tiles - 1) / j.tiles, tiles, &j);
  return atomic_load(&j.failed) ? ms_fail("conv2d: no memory for tiles of patches") : 0;
}
