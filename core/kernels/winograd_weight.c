/* The gradient of Winograd's convolution by its weight: sixteen matrices of sums over tiles of
   transformed patches times transformed gradients, then back to 3x3. Tiles are cut into parts with
   sums of their own, added in order. */
#include <stdatomic.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../base/pool.h"
#include "winograd.h"

enum {
  SUMS_SLOT = 0,
  TILE_SLOT = 1,
  TILE_BYTES = 512 << 10, /* of patches and gradients at a time */
  LEAST_TILES = 48,
  MOST_TILES = 256,
  PART_TILES = 128, /* at least, in a part */
  LEAST_PARTS = 4,
  MOST_PARTS = 16,
  SUMS_BYTES = 8 << 20, /* of all parts, where LEAST_PARTS need no more */
  TRANSFORM = 175,      /* of a register of a tile, in multiply-adds of registers; measured */
  COUPLE = 50           /* the same of making words of it */
};

typedef struct job {
  const ms_conv_weight *t;
  size_t all, tiles, parts; /* tiles of all images, at a time; parts */
  size_t wide, size;        /* numbers of a row of sums, of one part's sums */
  real *sums;
  atomic_int failed;
} job;

#ifdef __AVX512BF16__
/* Words of two tiles each, in place of `count` tiles; after an odd one come zeros. */
static void couple(ms_winograd_planes p, size_t count)
{
  for (size_t xi = 0; xi < 16; xi++)
    for (size_t t = 0; t < count; t += 2) {
      const real *from = p.at + xi * p.plane + t * p.step;
      word *to = (word *)(p.at + xi * p.plane + t / 2 * p.step);
      for (size_t c = 0; c < p.step; c += MS_LANES) {
        const __mmask16 have = p.step - c < MS_LANES ? (__mmask16)((1u << (p.step - c)) - 1) : 0xffff;
        const vec early = (vec)_mm512_maskz_loadu_ps(have, from + c);
        const vec late = t + 1 < count ? (vec)_mm512_maskz_loadu_ps(have, from + p.step + c) : (vec){ 0 };
        _mm512_mask_storeu_epi32(to + c, have, (__m512i)ms_pairs(early, late));
      }
    }
}
#else
static void couple(ms_winograd_planes p, size_t count)
{
  (void)p, (void)count;
}
#endif

static void add_tiles(const job *j, ms_winograd_planes x, ms_winograd_planes gy, size_t count,
                      int fresh, real *sums)
{
  const size_t cin = j->t->s.cin;
  couple(x, count);
  couple(gy, count);
  for (size_t xi = 0; xi < 16; xi++) {
    const ms_conv_outer o = { .a = (const word *)(x.at + xi * x.plane), .a_step = x.step,
                              .b = (const word *)(gy.at + xi * gy.plane), .b_step = gy.step, .images = 1,
                              .rows = 1, .pixels = ms_conv_words(count), .c = sums + xi * cin * j->wide,
                              .c_step = j->wide, .fresh = fresh };
    MS_K(conv_outer)(&o, cin, j->wide / MS_LANES);
  }
}

static void part(void *arg, size_t p)
{
  job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t start = j->all * p / j->parts, end = j->all * (p + 1) / j->parts;
  const size_t plane = ms_winograd_plane(j->tiles, s->cin);
  const size_t beside = ms_winograd_plane(j->tiles, j->wide);
  real *room = ms_scratch(TILE_SLOT, 16 * (plane + beside) * sizeof *room);
  if (!room) {
    atomic_store(&j->failed, 1);
    return;
  }
  const ms_winograd_planes x = { room, plane, s->cin };
  const ms_winograd_planes gy = { room + 16 * plane, beside, j->wide };
  if (s->cout < j->wide) memset(gy.at, 0, 16 * beside * sizeof *room); /* whole vectors are read */
  for (size_t t = start, count; t < end; t += count) {
    count = end - t < j->tiles ? end - t : j->tiles;
    MS_K(winograd_input)(s, j->t->entry, j->t->x, t, count, x);
    MS_K(winograd_gradient)(s, j->t->gy, t, count, gy);
    add_tiles(j, x, gy, count, t == start, j->sums + p * j->size);
  }
}

/* G' from the left: four numbers become three. */
static inline void narrow(vec a, vec b, vec c, vec d, vec to[3])
{
  const vec even = (b + c) * (real)0.5;
  to[0] = a + even;
  to[1] = (b - c) * (real)0.5;
  to[2] = even + d;
}

static void finish(void *arg, size_t channel)
{
  const job *j = arg;
  const ms_conv_weight *t = j->t;
  const size_t cout = t->s.cout, plane = t->s.cin * j->wide;
  for (size_t o = 0; o < cout; o += MS_LANES) {
    if (o + MS_LANES > cout) o = cout - MS_LANES;
    const real *from = j->sums + channel * j->wide + o;
    vec s[16], rows[4][3], g[3];
    for (size_t xi = 0; xi < 16; xi++) {
      s[xi] = *(const vec_u *)(from + xi * plane);
      for (size_t p = 1; p < j->parts; p++)
        s[xi] += *(const vec_u *)(from + p * j->size + xi * plane);
    }
    for (int i = 0; i < 4; i++) narrow(s[i], s[4 + i], s[8 + i], s[12 + i], rows[i]);
    for (size_t a = 0; a < 3; a++) {
      narrow(rows[0][a], rows[1][a], rows[2][a], rows[3][a], g);
      for (size_t b = 0; b < 3; b++)
        *(vec_u *)(t->gw + (3 * a + b) * t->tap + channel * t->in + o) = g[b];
    }
  }
}

static size_t parts_of(const ms_conv_shape *s)
{
  const size_t size = 16 * s->cin * ms_conv_vectors(s->cout) * MS_LANES * sizeof(real);
  size_t most = SUMS_BYTES / size, parts = ms_winograd_tiles(s) / PART_TILES;
  if (most > MOST_PARTS) most = MOST_PARTS;
  if (most < LEAST_PARTS) most = LEAST_PARTS;
  return parts < most ? parts : most;
}

int MS_K(winograd_weight_fits)(const ms_conv_shape *s)
{
  if (s->kh != 3 || s->kw != 3 || s->sh * s->sw > 1) return 0;
  if (s->cin < MS_LANES || s->cout < MS_LANES || parts_of(s) < LEAST_PARTS) return 0;
  const size_t in = ms_conv_vectors(s->cin), out = ms_conv_vectors(s->cout);
  return 20 * s->cin * out / MS_PER_WORD > (TRANSFORM + (MS_PER_WORD - 1) * COUPLE) * (in + out);
}

int MS_K(winograd_weight)(const ms_conv_weight *t)
{
  const ms_conv_shape *s = &t->s;
  job j = { .t = t, .all = ms_winograd_tiles(s), .parts = parts_of(s) };
  j.wide = ms_conv_vectors(s->cout) * MS_LANES;
  j.size = 16 * s->cin * j.wide;
  j.sums = ms_scratch(SUMS_SLOT, j.parts * j.size * sizeof *j.sums);
  if (!j.sums) return -1;
  j.tiles = TILE_BYTES / (16 * (s->cin + j.wide) * sizeof(real));
  if (j.tiles > MOST_TILES) j.tiles = MOST_TILES;
  if (j.tiles < LEAST_TILES) j.tiles = LEAST_TILES;
  ms_parallel(j.parts, part, &j);
  if (atomic_load(&j.failed)) return ms_fail("conv2d: no memory for tiles of patches");
  ms_parallel(s->cin, finish, &j);
  return 0;
}
