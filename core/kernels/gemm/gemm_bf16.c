/* Matrix products with factors in bf16, which Debian's OpenBLAS does not have. Both factors are
   packed first: k is cut into blocks, and in each block op(a) into panels of TALL rows and op(b)
   into panels of WIDE columns, where the operands that meet lie side by side (operand.h: pairs
   along k). A tile of c (ROWS x COLUMNS, inside the second cache) then goes through the blocks in
   order, TALL x WIDE sums at a time in registers; a panel of b stays in the first cache
   meanwhile. */
#include "gemm.h"

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../base/profile.h"
#include "../simd/operand.h"

/* The sums, a row of b and one operand of a fill the registers. */
enum { TALL = 14, WIDE = 2 * MS_LANES, BLOCK = 1600, ROWS = 11 * TALL, COLUMNS = 12 * WIDE,
       AHEAD = 24 };
static ms_scratch_key room_for_a, room_for_b;

typedef struct job {
  ms_product p;
  operand *a, *b;           /* packed: block after block, panel after panel */
  size_t tall_a, wide_b; /* rows of a, columns of b, with what fills the last panel */
  size_t blocks, step;   /* of pairs along k; all of `step` but the last */
  size_t pairs, tiles_m;
} job;

static size_t up(size_t n, size_t unit)
{
  return (n + unit - 1) / unit * unit;
}

static job job_of(const ms_product *p)
{
  job j = { .p = *p, .tall_a = up(p->m, TALL), .wide_b = up(p->n, WIDE), .pairs = (p->k + 1) / 2 };
  j.blocks = p->k ? (p->k + BLOCK - 1) / BLOCK : 1;
  j.step = (j.pairs + j.blocks - 1) / j.blocks;
  j.tiles_m = (p->m + ROWS - 1) / ROWS;
  return j;
}

static size_t depth_of(const job *j, size_t block)
{
  size_t left = j->pairs - block * j->step;
  return left < j->step ? left : j->step;
}

/* ---- packing ----------------------------------------------------------------------------- */
/* A factor's panels: number q of lane l is x[q * ld + l] where `along`, else x[l * ld + q]. */
typedef struct factor {
  int along;
  const real *x;
  size_t ld, lanes, full; /* full: lanes with what fills the last panel, with zeros */
  real scale;
  operand *to;
} factor;

/* Up to 16 lanes that lie side by side, `depth` of their `numbers`, from number q on. */
MS_INLINE void pack_along(const factor *f, const real *x, size_t q, size_t numbers, size_t depth,
                          __mmask16 have, __mmask16 want, size_t width, operand *to)
{
  const vec scale = f->scale - (vec){ 0 };
  for (size_t i = 0; i < depth; i++, q += 2, to += width) {
    __builtin_prefetch(x + (q + AHEAD) * f->ld);
    __builtin_prefetch(x + (q + AHEAD + 1) * f->ld);
    const vec early = (vec)_mm512_maskz_loadu_ps(have, x + q * f->ld);
    const vec late = q + 1 < numbers ? (vec)_mm512_maskz_loadu_ps(have, x + (q + 1) * f->ld) :
        (vec){ 0 };
    _mm512_mask_storeu_epi32(to, want, (__m512i)ms_pairs(scale * early, scale * late));
  }
}

/* Four lanes' eight numbers become four rows of four operands. */
MS_INLINE void turn_four(const real *x, size_t ld, __m256 scale, operand *to, size_t width)
{
  __m128i row[4];
  MS_UNROLL for (size_t l = 0; l < 4; l++)
    row[l] = (__m128i)_mm256_cvtneps_pbh(scale * _mm256_loadu_ps(x + l * ld));
  const __m128i a = _mm_unpacklo_epi32(row[0], row[1]), b = _mm_unpacklo_epi32(row[2], row[3]);
  const __m128i c = _mm_unpackhi_epi32(row[0], row[1]), d = _mm_unpackhi_epi32(row[2], row[3]);
  _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi64(a, b));
  _mm_storeu_si128((__m128i *)(to + width), _mm_unpackhi_epi64(a, b));
  _mm_storeu_si128((__m128i *)(to + 2 * width), _mm_unpacklo_epi64(c, d));
  _mm_storeu_si128((__m128i *)(to + 3 * width), _mm_unpackhi_epi64(c, d));
}

/* A lane's numbers lie side by side: four lanes at a time (the last four may meet those before)
   while there are eight numbers more. */
MS_INLINE void pack_across(const factor *f, const real *x, size_t q, size_t numbers, size_t depth,
                           size_t lanes, size_t width, operand *to)
{
  const size_t whole = (numbers - q) / 8 * 4, most = whole < depth ? whole : depth / 4 * 4;
  const size_t quick = lanes < 4 ? 0 : most;
  const __m256 scale = _mm256_set1_ps(f->scale);
  for (size_t i = 0; i < quick; i += 4)
    for (size_t l = 0; l < lanes; l += 4) {
      const size_t at = l + 4 <= lanes ? l : lanes - 4;
      turn_four(x + at * f->ld + q + 2 * i, f->ld, scale, to + i * width + at, width);
    }
  for (size_t i = 0; i < depth; i++)
    for (size_t l = i < quick ? lanes : 0; l < width; l++) {
      const real *at = x + l * f->ld + q + 2 * i;
      to[i * width + l] = l >= lanes ? 0 :
          ms_operand_of(f->scale * at[0], q + 2 * i + 1 < numbers ? f->scale * at[1] : 0);
    }
}

/* One panel of a factor through all blocks. */
MS_INLINE void pack_panel(const job *j, const factor *f, size_t panel, const size_t width)
{
  const size_t first = panel * width, lanes = f->lanes - first < width ? f->lanes - first : width;
  for (size_t k = 0; k < j->blocks; k++) {
    const size_t depth = depth_of(j, k), q = 2 * k * j->step;
    operand *to = f->to + f->full * k * j->step + first * depth;
    if (!f->along) {
      pack_across(f, f->x + first * f->ld, q, j->p.k, depth, lanes, width, to);
      continue;
    }
    for (size_t l = 0; l < width; l += MS_LANES) {
      const size_t have = lanes < l ? 0 : lanes - l, want = width - l;
      pack_along(f, f->x + first + l, q, j->p.k, depth,
                 have < MS_LANES ? (__mmask16)((1u << have) - 1) : 0xffff,
                 want < MS_LANES ? (__mmask16)((1u << want) - 1) : 0xffff, width, to + l);
    }
  }
}

static void pack(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_product *p = &j->p;
  const size_t panels_a = j->tall_a / TALL;
  if (chunk < panels_a)
    pack_panel(j, &(factor){ p->ta, p->a, p->lda, p->m, j->tall_a, p->scale, j->a }, chunk, TALL);
  else pack_panel(j, &(factor){ !p->tb, p->b, p->ldb, p->n, j->wide_b, 1, j->b }, chunk - panels_a,
                  WIDE);
}

/* ---- the tile in registers ------------------------------------------------------------------ */
/* One operand in all lanes, loaded once for both sums. */
MS_INLINE operands broadcast(const operand *at)
{
  operands x = *at - (operands){ 0 };
  __asm__("" : "+v"(x));
  return x;
}

/* sum = a panel of a times a panel of b, `depth` pairs deep. */
MS_INLINE void multiply(const operand *a, const operand *b, size_t depth, vec sum[TALL][2])
{
  MS_UNROLL for (int i = 0; i < TALL; i++) sum[i][0] = sum[i][1] = (vec){ 0 };
  for (size_t q = 0; q < depth; q++, a += TALL, b += WIDE) {
    __builtin_prefetch(a + 16 * TALL);
    const operands left = *(const operands *)b, right = *(const operands *)(b + MS_LANES);
    MS_UNROLL for (int i = 0; i < TALL; i++) {
      const operands x = broadcast(a + i);
      sum[i][0] = ms_add_products(sum[i][0], x, left);
      sum[i][1] = ms_add_products(sum[i][1], x, right);
    }
  }
}

/* What a tile in registers works on. c = from + the product; from: rows of c itself, or one row for
   all (a pitch of 0). */
typedef struct small_tile {
  const operand *a, *b;
  const real *from;
  size_t depth, pitch;
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
    *(vec_u *)c = *(const vec_u *)from + sum[i][0];
    *(vec_u *)(c + MS_LANES) = *(const vec_u *)(from + MS_LANES) + sum[i][1];
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
    const operand *b = j->b + j->wide_b * q + o * depth;
    const size_t columns = t.o + t.columns - o < WIDE ? t.o + t.columns - o : WIDE;
    for (size_t i = t.i; i < t.i + t.rows; i += TALL) {
      const size_t rows = t.i + t.rows - i < TALL ? t.i + t.rows - i : TALL;
      real *c = p->c + i * p->ldc + o;
      const small_tile r = { .a = j->a + j->tall_a * q + i * depth, .b = b,
                             .from = itself ? c : p->bias ? p->bias + o : zeros, .depth = depth,
                             .pitch = itself ? p->ldc : 0, .c = c, .ldc = p->ldc };
      if (rows < TALL || columns < WIDE) part(&r, rows, columns);
      else whole(&r);
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
  j.a = ms_alloc(j.tall_a * j.pairs * sizeof(operand));
  j.b = j.a ? ms_alloc(j.wide_b * j.pairs * sizeof(operand)) : NULL;
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
  j.a = ms_scratch(&room_for_a, j.tall_a * j.pairs * sizeof(operand));
  j.b = ms_scratch(&room_for_b, j.wide_b * j.pairs * sizeof(operand));
  if (!j.a || !j.b) return -1;
  for (size_t c = 0; c < j.tall_a / TALL + j.wide_b / WIDE; c++) pack(&j, c);
  for (size_t c = 0; c < tiles_of(&j); c++) tile(&j, c);
  return 0;
}

const ms_gemm_kernels MS_K(gemm) = { .all = all, .here = here };
