/* Matrix products. Both factors are packed first: k is cut into blocks, and in each block op(a) into
   panels of TALL rows and op(b) into panels of WIDE columns, where the numbers that meet lie side by
   side. A tile of c (ROWS x COLUMNS, inside the second cache) then goes through the blocks in order,
   TALL x WIDE sums at a time in registers; a panel of b stays in the first cache meanwhile. */
#include "products.h"

#include <stdint.h>

#include "../base/memory.h"
#include "../base/pool.h"
#include "../base/profile.h"
#include "isa.h"

#define MS_INLINE static inline __attribute__((always_inline))
#define MS_UNROLL _Pragma("GCC unroll 32")

/* The sums, a row of b and one number of a fill the registers. */
#ifdef __AVX512F__
enum { TALL = 14 };
#else
enum { TALL = 6 };
#endif
enum { WIDE = 2 * MS_LANES, BLOCK = 384, ROWS = 11 * TALL, COLUMNS = 12 * WIDE, SLOT_A = 6, SLOT_B = 7 };

typedef struct job {
  ms_product p;
  real *a, *b;              /* packed: block after block, panel after panel */
  size_t tall_a, wide_b;    /* rows of a, columns of b, with what fills the last panel */
  size_t blocks, step;      /* of k; all of `step` but the last */
  size_t tiles_m;
  int direct;               /* whole panels of a are read where they are */
} job;

static size_t up(size_t n, size_t unit)
{
  return (n + unit - 1) / unit * unit;
}

static job job_of(const ms_product *p)
{
  job j = { .p = *p, .tall_a = up(p->m, TALL), .wide_b = up(p->n, WIDE) };
  j.blocks = p->k ? (p->k + BLOCK - 1) / BLOCK : 1;
  j.step = (p->k + j.blocks - 1) / j.blocks;
  j.tiles_m = (p->m + ROWS - 1) / ROWS;
  return j;
}

static size_t depth_of(const job *j, size_t block)
{
  size_t left = j->p.k - block * j->step;
  return left < j->step ? left : j->step;
}

/* ---- packing ----------------------------------------------------------------------------- */
/* A panel: `lanes` lines from x on, and nothing in the lanes up to `width`; number q of lane l goes
   to to[q * width + l]. Along: the lanes of one q lie side by side in x. */
MS_INLINE void pack_along(const real *x, size_t ld, size_t lanes, const size_t width, size_t depth, real scale,
                          real *to)
{
  if (lanes == width)
    for (size_t q = 0; q < depth; q++, x += ld, to += width) {
      MS_UNROLL for (size_t l = 0; l < width; l++) to[l] = scale * x[l];
      __builtin_prefetch(x + 8 * ld);
    }
  else
    for (size_t q = 0; q < depth; q++, x += ld, to += width)
      for (size_t l = 0; l < width; l++) to[l] = l < lanes ? scale * x[l] : 0;
}

typedef real four __attribute__((vector_size(4 * sizeof(real)), may_alias));
typedef real four_u __attribute__((vector_size(4 * sizeof(real)), may_alias, aligned(sizeof(real))));
#ifdef MS_DOUBLE
typedef int64_t pick __attribute__((vector_size(4 * sizeof(int64_t))));
#else
typedef int32_t pick __attribute__((vector_size(4 * sizeof(int32_t))));
#endif

/* Four lanes by four numbers, turned over in registers. */
MS_INLINE void turn_four(const real *x, size_t ld, real scale, real *to, const size_t width)
{
  const four a = *(const four_u *)x * scale, b = *(const four_u *)(x + ld) * scale,
             c = *(const four_u *)(x + 2 * ld) * scale, d = *(const four_u *)(x + 3 * ld) * scale;
  const four ab = __builtin_shuffle(a, b, (pick){ 0, 4, 1, 5 }), AB = __builtin_shuffle(a, b, (pick){ 2, 6, 3, 7 }),
             cd = __builtin_shuffle(c, d, (pick){ 0, 4, 1, 5 }), CD = __builtin_shuffle(c, d, (pick){ 2, 6, 3, 7 });
  *(four_u *)to = __builtin_shuffle(ab, cd, (pick){ 0, 1, 4, 5 });
  *(four_u *)(to + width) = __builtin_shuffle(ab, cd, (pick){ 2, 3, 6, 7 });
  *(four_u *)(to + 2 * width) = __builtin_shuffle(AB, CD, (pick){ 0, 1, 4, 5 });
  *(four_u *)(to + 3 * width) = __builtin_shuffle(AB, CD, (pick){ 2, 3, 6, 7 });
}

/* Across: the numbers of one lane lie side by side in x. */
MS_INLINE void pack_across(const real *x, size_t ld, size_t lanes, const size_t width, size_t depth, real scale,
                           real *to)
{
  const size_t fours = lanes / 4 * 4, quads = depth / 4 * 4;
  for (size_t q = 0; q < quads; q += 4)
    for (size_t l = 0; l < fours; l += 4) turn_four(x + l * ld + q, ld, scale, to + q * width + l, width);
  for (size_t q = quads; q < depth; q++)
    for (size_t l = 0; l < fours; l++) to[q * width + l] = scale * x[l * ld + q];
  for (size_t q = 0; q < depth; q++)
    for (size_t l = fours; l < width; l++) to[q * width + l] = l < lanes ? scale * x[l * ld + q] : 0;
}

typedef struct factor {
  int along;
  const real *x;
  size_t ld, lanes, full; /* full: lanes with what fills the last panel */
  real scale, *to;
} factor;

/* One panel of a factor through all blocks. */
MS_INLINE void pack_panel(const job *j, const factor *f, size_t panel, const size_t width)
{
  const size_t first = panel * width, left = f->lanes - first < width ? f->lanes - first : width;
  for (size_t k = 0; k < j->blocks; k++) {
    const size_t depth = depth_of(j, k), q = k * j->step;
    real *to = f->to + f->full * q + first * depth;
    if (f->along) pack_along(f->x + q * f->ld + first, f->ld, left, width, depth, f->scale, to);
    else pack_across(f->x + first * f->ld + q, f->ld, left, width, depth, f->scale, to);
  }
}

static void pack(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_product *p = &j->p;
  const size_t panels_a = j->tall_a / TALL;
  if (j->direct && (chunk + 1) * TALL <= p->m) return;
  if (chunk < panels_a) pack_panel(j, &(factor){ p->ta, p->a, p->lda, p->m, j->tall_a, p->scale, j->a }, chunk, TALL);
  else pack_panel(j, &(factor){ !p->tb, p->b, p->ldb, p->n, j->wide_b, 1, j->b }, chunk - panels_a, WIDE);
}

/* ---- the tile in registers ------------------------------------------------------------------ */
/* One number in all lanes, loaded once for both sums. */
MS_INLINE vec spread(const real *at)
{
  vec x = *at - (vec){ 0 };
#if defined(__x86_64__) && defined(__AVX512F__)
  __asm__("" : "+v"(x));
#endif
  return x;
}

/* sum = TALL lanes of a times a panel of b, `depth` deep: in a, `lane` numbers from one lane to the next,
   `step` from one q to the next. Lanes are reached from one pointer to every three. */
MS_INLINE void multiply(const real *a, const size_t lane, const size_t step, const real *b, size_t depth,
                        vec sum[TALL][2])
{
  const real *at[(TALL + 2) / 3];
  MS_UNROLL for (int g = 0; g < (TALL + 2) / 3; g++) at[g] = a + (size_t)g * 3 * lane;
  MS_UNROLL for (int i = 0; i < TALL; i++) sum[i][0] = sum[i][1] = (vec){ 0 };
  for (size_t q = 0; q < depth; q++, b += WIDE) {
    if (lane == 1) __builtin_prefetch(a + (q + 16) * step);
    const vec left = *(const vec *)b, right = *(const vec *)(b + MS_LANES);
    MS_UNROLL for (int i = 0; i < TALL; i++) {
      const vec x = spread(lane == 1 ? a + q * step + i : at[i / 3] + (size_t)(i % 3) * lane);
      sum[i][0] += x * left;
      sum[i][1] += x * right;
    }
    if (lane != 1)
      MS_UNROLL for (int g = 0; g < (TALL + 2) / 3; g++) {
        at[g] += step;
        __asm__("" : "+r"(at[g])); /* keeps `lane` in the addresses */
      }
  }
}

/* What a tile in registers works on. c = from + the product; from: rows of c itself, or one row for all
   (a pitch of 0). */
typedef struct small_tile {
  const real *a, *b, *from;
  size_t depth, pitch;
  real *c;
  size_t ldc;
} small_tile;

MS_INLINE void whole(const small_tile *t, const size_t lane, const size_t step)
{
  vec sum[TALL][2];
  const real *from = t->from;
  real *c = t->c;
  MS_UNROLL for (int i = 0; i < TALL; i++) {
    __builtin_prefetch(c + (size_t)i * t->ldc, 1, 3);
    __builtin_prefetch(c + (size_t)i * t->ldc + MS_LANES, 1, 3);
  }
  multiply(t->a, lane, step, t->b, t->depth, sum);
  MS_UNROLL for (int i = 0; i < TALL; i++, c += t->ldc, from += t->pitch) {
    *(vec_u *)c = *(const vec_u *)from + sum[i][0];
    *(vec_u *)(c + MS_LANES) = *(const vec_u *)(from + MS_LANES) + sum[i][1];
  }
}

static __attribute__((noinline)) void whole_packed(const small_tile *t) { whole(t, 1, TALL); }
static __attribute__((noinline)) void whole_along(const small_tile *t, size_t lda) { whole(t, 1, lda); }
static __attribute__((noinline)) void whole_across(const small_tile *t, size_t lda) { whole(t, lda, 1); }

/* Where c ends inside the tile. */
static __attribute__((noinline)) void part_packed(const small_tile *t, size_t rows, size_t columns)
{
  vec sum[TALL][2];
  const real *from = t->from;
  real *c = t->c;
  multiply(t->a, 1, TALL, t->b, t->depth, sum);
  for (size_t i = 0; i < rows; i++, c += t->ldc, from += t->pitch)
    for (size_t l = 0; l < columns; l++) c[l] = from[l] + sum[i][l / MS_LANES][l % MS_LANES];
}

/* ---- a tile of c ----------------------------------------------------------------------------- */
typedef struct area {
  size_t i, o, rows, columns; /* of c */
} area;

static void add_block(const job *j, area t, size_t block)
{
  static const real zeros[WIDE];
  const ms_product *p = &j->p;
  const size_t depth = depth_of(j, block), q = block * j->step;
  const int itself = block > 0 || p->add;
  for (size_t o = t.o; o < t.o + t.columns; o += WIDE) {
    const real *b = j->b + j->wide_b * q + o * depth;
    const size_t columns = t.o + t.columns - o < WIDE ? t.o + t.columns - o : WIDE;
    for (size_t i = t.i; i < t.i + t.rows; i += TALL) {
      const size_t rows = t.i + t.rows - i < TALL ? t.i + t.rows - i : TALL;
      real *c = p->c + i * p->ldc + o;
      small_tile r = { .a = j->a + j->tall_a * q + i * depth, .b = b, .from = itself ? c : p->bias ? p->bias + o : zeros,
                       .depth = depth, .pitch = itself ? p->ldc : 0, .c = c, .ldc = p->ldc };
      if (rows < TALL || columns < WIDE) {
        part_packed(&r, rows, columns);
      } else if (!j->direct) {
        whole_packed(&r);
      } else if (p->ta) {
        r.a = p->a + q * p->lda + i;
        whole_along(&r, p->lda);
      } else {
        r.a = p->a + i * p->lda + q;
        whole_across(&r, p->lda);
      }
    }
  }
}

static void tile(void *arg, size_t chunk)
{
  const job *j = arg;
  area t = { chunk % j->tiles_m * ROWS, chunk / j->tiles_m * COLUMNS, ROWS, COLUMNS };
  if (j->p.m - t.i < ROWS) t.rows = j->p.m - t.i;
  if (j->p.n - t.o < COLUMNS) t.columns = j->p.n - t.o;
  for (size_t block = 0; block < j->blocks; block++) add_block(j, t, block);
}

static size_t tiles_of(const job *j)
{
  return j->tiles_m * ((j->p.n + COLUMNS - 1) / COLUMNS);
}

static int all(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  if (ms_profile_on) ms_profile_work(2.0 * (double)p->m * (double)p->n * (double)p->k);
  job j = job_of(p);
  j.a = ms_alloc(j.tall_a * p->k * sizeof(real));
  j.b = j.a ? ms_alloc(j.wide_b * p->k * sizeof(real)) : NULL;
  if (j.b) {
    ms_parallel(j.tall_a / TALL + j.wide_b / WIDE, pack, &j);
    ms_parallel(tiles_of(&j), tile, &j);
  }
  const int status = j.b ? 0 : -1;
  ms_free(j.a);
  ms_free(j.b);
  return status;
}

static int here(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  job j = job_of(p);
  j.direct = p->scale == 1 && p->n % WIDE == 0 && p->n <= 4 * WIDE; /* few columns to pay for packing */
  j.a = ms_scratch(SLOT_A, j.tall_a * p->k * sizeof(real));
  j.b = ms_scratch(SLOT_B, j.wide_b * p->k * sizeof(real));
  if (!j.a || !j.b) return -1;
  for (size_t c = 0; c < j.tall_a / TALL + j.wide_b / WIDE; c++) pack(&j, c);
  for (size_t c = 0; c < tiles_of(&j); c++) tile(&j, c);
  return 0;
}

const ms_products_kernels MS_K(products) = { all, here };
