/* Matrix products of packed factors where there is AVX2 or more, in full precision and in bf16.
   The sum over k is cut into blocks, and in each block op(a) is packed into panels of TALL rows
   and op(b) into panels of WIDE columns, where the operands that meet lie side by side (operand.h:
   in bf16 pairs along k). A tile of c (inside the second cache, and less where cores would be
   idle) then goes through the blocks in order, TALL x WIDE sums at a time in registers. In full
   precision sums are taken in OpenBLAS's order, which has the small products. */
#include "gemm_openblas.h"
#include "gemm_pack.h"
#include "gemm_vector.h"

#include "../../base/memory.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../../base/profile.h"

/* The sums, a row of b and one operand of a fill the registers. A tile has so many panels of rows
   and of columns at most. */
#ifdef __AVX512F__
enum { TALL = 14, WIDE = 2 * MS_LANES, MOST_ROWS = 11, MOST_COLUMNS = 12 };
#else
enum { TALL = 6, WIDE = 2 * MS_LANES, MOST_ROWS = 24, MOST_COLUMNS = 24 };
#endif
enum { TILES = 128 }; /* that a product is cut into, if its size allows */

/* Operands to a block: of numbers as many as OpenBLAS takes, which ends with two halves of whole
   UNITs. */
#if defined(__AVX512BF16__)
enum { BLOCK = 1600, UNIT = 16 };
#elif defined(__AVX512F__)
enum { BLOCK = 448, UNIT = 16 };
#else
enum { BLOCK = 320, UNIT = 8 };
#endif
#define MOST ((size_t)1 << 24) /* operands that are packed at a time */
#define SMALL 1e6 /* products up to which OpenBLAS does not pack */

typedef struct job {
  ms_product p;
  operand *a, *b;        /* packed: block after block, panel after panel */
  size_t tall_a, wide_b; /* rows of a, columns of b, with what fills the last panel */
  size_t depth;          /* operands along k */
  size_t blocks, whole;  /* those of BLOCK operands; behind them one or two */
  size_t rows, columns;  /* of a tile */
} job;

static size_t up(size_t n, size_t unit)
{
  return ms_parts_of(n, unit) * unit;
}

static size_t tiles_of(const job *j)
{
  return ms_parts_of(j->p.m, j->rows) * ms_parts_of(j->p.n, j->columns);
}

/* Sums do not depend on the size of tiles. */
static void cut(job *j)
{
  size_t tall = MOST_ROWS, wide = MOST_COLUMNS;
  do {
    j->rows = tall * TALL;
    j->columns = wide * WIDE;
    if (j->rows > j->columns || wide == 1) tall = (tall + 1) / 2;
    else wide = (wide + 1) / 2;
  } while (tiles_of(j) < TILES && j->rows * j->columns > TALL * WIDE);
}

static job job_of(const ms_product *p)
{
  job j = { .p = *p, .tall_a = up(p->m, TALL), .wide_b = up(p->n, WIDE),
            .depth = up(p->k, MS_PER_OPERAND) / MS_PER_OPERAND };
  j.whole = j.depth >= 2 * BLOCK ? j.depth / BLOCK - 1 : 0;
  j.blocks = j.whole + (j.depth - j.whole * BLOCK > BLOCK ? 2 : 1);
  cut(&j);
  return j;
}

/* Where a block begins, of operands along k; the last one ends with them. */
static size_t start_of(const job *j, size_t block)
{
  if (block <= j->whole) return block * BLOCK;
  const size_t first = j->whole * BLOCK;
  return block < j->blocks ? first + up((j->depth - first) / 2, UNIT) : j->depth;
}

static size_t depth_of(const job *j, size_t block)
{
  return start_of(j, block + 1) - start_of(j, block);
}

/* ---- packing ----------------------------------------------------------------------------- */
/* One panel of a factor through all blocks. */
MS_INLINE void pack_panel(const job *j, const ms_factor *f, size_t panel, const size_t width)
{
  const size_t first = panel * width;
  for (size_t k = 0; k < j->blocks; k++) {
    const size_t depth = depth_of(j, k), q = start_of(j, k);
    ms_pack_panel(f, first, q * MS_PER_OPERAND, j->p.k, depth, width,
                  f->to + f->full * q + first * depth);
  }
}

static void pack(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_product *p = &j->p;
  const size_t panels_a = j->tall_a / TALL;
  if (chunk < panels_a)
    pack_panel(j, &(ms_factor){ p->ta, p->a, p->lda, p->m, j->tall_a, j->a }, chunk, TALL);
  else pack_panel(j, &(ms_factor){ !p->tb, p->b, p->ldb, p->n, j->wide_b, j->b },
                  chunk - panels_a, WIDE);
}

/* ---- the tile in registers ------------------------------------------------------------------ */
/* sum = a panel of a times a panel of b, `depth` operands deep. */
MS_INLINE void multiply(const operand *a, const operand *b, size_t depth, vec sum[TALL][2])
{
  MS_UNROLL for (int i = 0; i < TALL; i++) sum[i][0] = sum[i][1] = (vec){ 0 };
  for (size_t q = 0; q < depth; q++, a += TALL, b += WIDE) {
    __builtin_prefetch(a + 16 * TALL);
    __builtin_prefetch(b + 6 * WIDE);
    __builtin_prefetch(b + 6 * WIDE + MS_LANES);
    const operands left = *(const operands *)b, right = *(const operands *)(b + MS_LANES);
    MS_UNROLL for (int i = 0; i < TALL; i++) {
      const operands x = ms_broadcast(a + i);
      sum[i][0] = ms_add_products(sum[i][0], x, left);
      sum[i][1] = ms_add_products(sum[i][1], x, right);
    }
  }
}

/* What a tile in registers works on. c = from + scale times the product; from: rows of c itself, or
   one row for all (a pitch of 0). */
typedef struct small_tile {
  const operand *a, *b;
  const real *from;
  size_t depth, pitch;
  real scale;
  real *c;
  size_t ldc;
} small_tile;

static __attribute__((noinline)) void whole(const small_tile *t)
{
  vec sum[TALL][2];
  const real *from = t->from;
  real *c = t->c;
  MS_UNROLL for (int i = 0; i < TALL; i++) {
    __builtin_prefetch(c + (size_t)i * t->ldc, 1, 3);
    __builtin_prefetch(c + (size_t)i * t->ldc + MS_LANES, 1, 3);
  }
  multiply(t->a, t->b, t->depth, sum);
  MS_UNROLL for (int i = 0; i < TALL; i++, c += t->ldc, from += t->pitch) {
    *(vec_u *)c = *(const vec_u *)from + t->scale * sum[i][0];
    *(vec_u *)(c + MS_LANES) = *(const vec_u *)(from + MS_LANES) + t->scale * sum[i][1];
  }
}

/* Where c ends inside the tile. */
static __attribute__((noinline)) void part(const small_tile *t, size_t rows, size_t columns)
{
  vec sum[TALL][2];
  const real *from = t->from;
  real *c = t->c;
  multiply(t->a, t->b, t->depth, sum);
  for (size_t i = 0; i < rows; i++, c += t->ldc, from += t->pitch)
    for (size_t l = 0; l < columns; l++)
      c[l] = from[l] + t->scale * sum[i][l / MS_LANES][l % MS_LANES];
}

/* ---- a tile of c ----------------------------------------------------------------------------- */
typedef struct area {
  size_t i, o, rows, columns; /* of c */
} area;

static void add_block(const job *j, area t, size_t block)
{
  static const real zeros[WIDE];
  const ms_product *p = &j->p;
  const size_t depth = depth_of(j, block), q = start_of(j, block);
  const int itself = block > 0 || p->add;
  for (size_t o = t.o; o < t.o + t.columns; o += WIDE) {
    const operand *b = j->b + j->wide_b * q + o * depth;
    const size_t columns = t.o + t.columns - o < WIDE ? t.o + t.columns - o : WIDE;
    for (size_t i = t.i; i < t.i + t.rows; i += TALL) {
      const size_t rows = t.i + t.rows - i < TALL ? t.i + t.rows - i : TALL;
      real *c = p->c + i * p->ldc + o;
      const small_tile r = { .a = j->a + j->tall_a * q + i * depth, .b = b,
                             .from = itself ? c : p->bias ? p->bias + o : zeros, .depth = depth,
                             .pitch = itself ? p->ldc : 0, .scale = p->scale, .c = c,
                             .ldc = p->ldc };
      if (rows < TALL || columns < WIDE) part(&r, rows, columns);
      else whole(&r);
    }
  }
}

static void tile(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t tall = ms_parts_of(j->p.m, j->rows);
  area t = { chunk % tall * j->rows, chunk / tall * j->columns, j->rows, j->columns };
  if (j->p.m - t.i < t.rows) t.rows = j->p.m - t.i;
  if (j->p.n - t.o < t.columns) t.columns = j->p.n - t.o;
  for (size_t block = 0; block < j->blocks; block++) add_block(j, t, block);
}

static ms_scratch_key room_for_a, room_for_b;

/* Scratch for the packed factors: blocks that come and go between a network's would cut up the
   space that its next activation needs. */
static int take_room(job *j)
{
  j->a = ms_scratch(&room_for_a, j->tall_a * j->depth * sizeof(operand));
  j->b = ms_scratch(&room_for_b, j->wide_b * j->depth * sizeof(operand));
  return j->a && j->b ? 0 : -1;
}

static int add_some(const ms_product *p)
{
  job j = job_of(p);
  if (take_room(&j) != 0) return -1;
  ms_parallel(j.tall_a / TALL + j.wide_b / WIDE, pack, &j);
  ms_parallel(tiles_of(&j), tile, &j);
  return 0;
}

/* Of long sums as many blocks at a time as MOST allows. */
static int all(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  if (MS_PER_OPERAND == 1 && (double)p->m * (double)p->n * (double)p->k <= SMALL)
    return ms_k_gemm_openblas.all(p);
  if (ms_profile_on) ms_profile_work(2.0 * (double)p->m * (double)p->n * (double)p->k);
#ifndef __AVX512BF16__
  if (p->m == 1 || p->n == 1) return MS_K(multiply_vector)(p);
#endif
  const size_t blocks = MOST / BLOCK / (p->m + p->n);
  const size_t depth = (blocks ? blocks : 1) * BLOCK * MS_PER_OPERAND;
  ms_product part = *p;
  size_t at = 0;
  do {
    part.k = p->k - at < 2 * depth ? p->k - at : depth;
    part.a = p->a + at * (p->ta ? p->lda : 1);
    part.b = p->b + at * (p->tb ? 1 : p->ldb);
    if (add_some(&part) != 0) return -1;
    part.add = 1;
    at += part.k;
  } while (at < p->k);
  return 0;
}

#ifdef __AVX512BF16__
static int here(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  job j = job_of(p);
  if (take_room(&j) != 0) return -1;
  for (size_t c = 0; c < j.tall_a / TALL + j.wide_b / WIDE; c++) pack(&j, c);
  for (size_t c = 0; c < tiles_of(&j); c++) tile(&j, c);
  return 0;
}
#else
static int here(const ms_product *p)
{
  return ms_k_gemm_openblas.here(p);
}
#endif

const ms_gemm_kernels MS_K(gemm) = { .all = all, .here = here };
