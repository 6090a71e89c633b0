/* Matrix products with factors in bf16 by AMX, whose instruction multiplies a tile of 16 rows of 32
   numbers with one of 16 columns. Both factors are packed in panels of SIDE lanes (rows of op(a),
   columns of op(b)): of every 32 numbers along k two tiles. Those of a have a lane in every row;
   those of b have a pair of numbers in every row, lane after lane. A tile of c (ROWS x COLUMNS,
   inside the second cache) goes through k in blocks, SIDE x SIDE sums at a time in registers. */
#include "gemm.h"

#include <immintrin.h>
#include <stdint.h>

#include "../../base/sizes.h"
#include "../../base/memory.h"
#include "../../base/profile.h"
#include "../../base/thread_pool.h"
#include "../simd/operand.h"

enum { LANES = 16, SIDE = 2 * LANES, DEEP = 32, /* numbers along k to a tile */
       TILE = LANES * DEEP, STEP = 2 * TILE,    /* numbers of a tile, of a panel's DEEP */
       BLOCK = 24, ROWS = 5 * SIDE, COLUMNS = 12 * SIDE };

typedef uint16_t bf16;

typedef struct job {
  ms_product p;
  bf16 *a, *b;                       /* packed */
  size_t panels_a, panels_b, steps;  /* steps of DEEP numbers along k */
  size_t tiles_m;
} job;

/* ---- packing --------------------------------------------------------------------------------- */
/* A factor's number q of lane l is x[q * ld + l] where `along`, else x[l * ld + q]. */
typedef struct factor {
  int along;
  const real *x;
  size_t ld, lanes, numbers;
} factor;

static __mmask16 first(size_t n)
{
  return n < 16 ? (__mmask16)((1u << n) - 1) : 0xffff;
}

static size_t left(size_t all, size_t done)
{
  return all < done ? 0 : all - done;
}

/* Lanes l .. l + 15: their numbers q .. q + 31, a row to each. */
static void lanes_of(const factor *f, size_t l, size_t q, __m512i row[16])
{
  const __mmask16 low = first(left(f->numbers, q)), high = first(left(f->numbers, q + 16));
  MS_UNROLL for (size_t i = 0; i < 16; i++) {
    const real *x = f->x + (l + i) * f->ld + q;
    const int there = l + i < f->lanes;
    row[i] = (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(there ? high : 0, x + 16),
                                          _mm512_maskz_loadu_ps(there ? low : 0, x));
  }
}

/* The same numbers, a pair of every lane to a row. */
static void pairs_of(const factor *f, size_t l, size_t q, __m512i row[16])
{
  const __mmask16 have = first(left(f->lanes, l));
  MS_UNROLL for (size_t i = 0; i < 16; i++) {
    const size_t early = q + 2 * i, late = early + 1;
    const real *x = f->x + early * f->ld + l;
    row[i] = (__m512i)ms_pairs(
        (vec)_mm512_maskz_loadu_ps(early < f->numbers ? have : 0, x),
        (vec)_mm512_maskz_loadu_ps(late < f->numbers ? have : 0, x + f->ld));
  }
}

/* Rows become columns. */
static void turn(__m512i row[16])
{
  __m512i a[16], b[16];
  MS_UNROLL for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
  MS_UNROLL for (int i = 0; i < 16; i += 4)
    MS_UNROLL for (int k = 0; k < 2; k++) {
      b[i + 2 * k] = _mm512_unpacklo_epi64(a[i + k], a[i + k + 2]);
      b[i + 2 * k + 1] = _mm512_unpackhi_epi64(a[i + k], a[i + k + 2]);
    }
  MS_UNROLL for (int k = 0; k < 4; k++) {
    a[k] = _mm512_shuffle_i32x4(b[k], b[k + 4], 0x88);
    a[k + 4] = _mm512_shuffle_i32x4(b[k], b[k + 4], 0xdd);
    a[k + 8] = _mm512_shuffle_i32x4(b[k + 8], b[k + 12], 0x88);
    a[k + 12] = _mm512_shuffle_i32x4(b[k + 8], b[k + 12], 0xdd);
  }
  MS_UNROLL for (int k = 0; k < 4; k++) {
    row[k] = _mm512_shuffle_i32x4(a[k], a[k + 8], 0x88);
    row[k + 8] = _mm512_shuffle_i32x4(a[k], a[k + 8], 0xdd);
    row[k + 4] = _mm512_shuffle_i32x4(a[k + 4], a[k + 12], 0x88);
    row[k + 12] = _mm512_shuffle_i32x4(a[k + 4], a[k + 12], 0xdd);
  }
}

/* A panel of a factor; in_pairs: as b wants it. */
static void pack_panel(const factor *f, size_t panel, size_t steps, int in_pairs, bf16 *to)
{
  __m512i row[16];
  for (size_t s = 0; s < steps; s++)
    for (size_t l = panel * SIDE; l < (panel + 1) * SIDE; l += LANES, to += TILE) {
      if (f->along) pairs_of(f, l, s * DEEP, row);
      else lanes_of(f, l, s * DEEP, row);
      if (f->along != in_pairs) turn(row);
      MS_UNROLL for (int i = 0; i < 16; i++) _mm512_store_si512(to + i * DEEP, row[i]);
    }
}

static void pack(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_product *p = &j->p;
  const size_t size = j->steps * STEP;
  if (chunk < j->panels_a)
    pack_panel(&(factor){ p->ta != 0, p->a, p->lda, p->m, p->k }, chunk, j->steps, 0,
               j->a + chunk * size);
  else
    pack_panel(&(factor){ p->tb == 0, p->b, p->ldb, p->n, p->k }, chunk - j->panels_a, j->steps, 1,
               j->b + (chunk - j->panels_a) * size);
}

/* ---- the tiles in registers ------------------------------------------------------------------ */
/* Eight tiles of 16 rows of 64 bytes: 0 to 3 are sums, 4 and 5 of a, 6 and 7 of b. */
typedef struct tile_shapes {
  uint8_t palette, start, unused[14];
  uint16_t bytes[16];
  uint8_t rows[16];
} tile_shapes;

static const tile_shapes SHAPES = { .palette = 1, .bytes = { 64, 64, 64, 64, 64, 64, 64, 64 },
                                    .rows = { 16, 16, 16, 16, 16, 16, 16, 16 } };

/* c = from + the product of two panels; from: rows of c itself, one row for all (a pitch of 0), or
   NULL for zeros. */
static void multiply(const bf16 *a, const bf16 *b, size_t steps, const real *from, size_t pitch,
                     real *c, size_t ldc)
{
  if (from) {
    const real *below = from + LANES * pitch;
    _tile_loadd(0, from, (long)(pitch * sizeof *from));
    _tile_loadd(1, from + LANES, (long)(pitch * sizeof *from));
    _tile_loadd(2, below, (long)(pitch * sizeof *from));
    _tile_loadd(3, below + LANES, (long)(pitch * sizeof *from));
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (size_t s = 0; s < steps; s++, a += STEP, b += STEP) {
    _tile_loadd(4, a, 64);
    _tile_loadd(6, b, 64);
    _tile_loadd(5, a + TILE, 64);
    _tile_loadd(7, b + TILE, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, (long)(ldc * sizeof *c));
  _tile_stored(1, c + LANES, (long)(ldc * sizeof *c));
  _tile_stored(2, c + LANES * ldc, (long)(ldc * sizeof *c));
  _tile_stored(3, c + LANES * ldc + LANES, (long)(ldc * sizeof *c));
}

/* The same where c ends inside, or the product is scaled. */
static void multiply_part(const bf16 *a, const bf16 *b, size_t steps, const ms_product *p,
                          const real *from, size_t pitch, real *c, size_t rows, size_t columns)
{
  real sum[SIDE * SIDE] __attribute__((aligned(64)));
  multiply(a, b, steps, NULL, 0, sum, SIDE);
  for (size_t i = 0; i < rows; i++)
    for (size_t l = 0; l < columns; l++)
      c[i * p->ldc + l] = (from ? from[i * pitch + l] : 0) + p->scale * sum[i * SIDE + l];
}

/* ---- a tile of c ----------------------------------------------------------------------------- */
typedef struct area {
  size_t i, o, rows, columns; /* of c */
} area;

static void add_block(const job *j, area t, size_t first_step)
{
  const ms_product *p = &j->p;
  const size_t steps = ms_least(BLOCK, j->steps - first_step), at = first_step * STEP;
  const int itself = first_step > 0 || p->add;
  for (size_t o = t.o; o < t.o + t.columns; o += SIDE)
    for (size_t i = t.i; i < t.i + t.rows; i += SIDE) {
      const bf16 *a = j->a + i / SIDE * j->steps * STEP + at;
      const bf16 *b = j->b + o / SIDE * j->steps * STEP + at;
      const size_t rows = ms_least(SIDE, p->m - i), columns = ms_least(SIDE, p->n - o);
      real *c = p->c + i * p->ldc + o;
      const real *from = itself ? c : p->bias ? p->bias + o : NULL;
      const size_t pitch = itself ? p->ldc : 0;
      if (rows == SIDE && columns == SIDE && p->scale == 1)
        multiply(a, b, steps, from, pitch, c, p->ldc);
      else multiply_part(a, b, steps, p, from, pitch, c, rows, columns);
    }
}

static void tile(void *arg, size_t chunk)
{
  const job *j = arg;
  area t = { chunk % j->tiles_m * ROWS, chunk / j->tiles_m * COLUMNS, 0, 0 };
  t.rows = ms_least(ROWS, j->p.m - t.i);
  t.columns = ms_least(COLUMNS, j->p.n - t.o);
  _tile_loadconfig(&SHAPES);
  for (size_t s = 0; s < j->steps; s += BLOCK) add_block(j, t, s);
  _tile_release();
}

static size_t tiles_of(const job *j)
{
  return j->tiles_m * ms_parts_of(j->p.n, COLUMNS);
}

static job job_of(const ms_product *p)
{
  return (job){ .p = *p, .panels_a = ms_parts_of(p->m, SIDE), .panels_b = ms_parts_of(p->n, SIDE),
                .steps = p->k ? ms_parts_of(p->k, DEEP) : 1, .tiles_m = ms_parts_of(p->m, ROWS) };
}

static int all(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  if (ms_profile_on) ms_profile_work(2.0 * (double)p->m * (double)p->n * (double)p->k);
  job j = job_of(p);
  const size_t panel = j.steps * STEP * sizeof(bf16);
  j.a = ms_alloc((j.panels_a + j.panels_b) * panel);
  if (!j.a) return -1;
  j.b = j.a + j.panels_a * j.steps * STEP;
  ms_parallel(j.panels_a + j.panels_b, pack, &j);
  ms_parallel(tiles_of(&j), tile, &j);
  ms_free(j.a);
  return 0;
}

static ms_scratch_key room;

static int here(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  job j = job_of(p);
  j.a = ms_scratch(&room, (j.panels_a + j.panels_b) * j.steps * STEP * sizeof(bf16));
  if (!j.a) return -1;
  j.b = j.a + j.panels_a * j.steps * STEP;
  for (size_t c = 0; c < j.panels_a + j.panels_b; c++) pack(&j, c);
  for (size_t c = 0; c < tiles_of(&j); c++) tile(&j, c);
  return 0;
}

const ms_gemm_kernels ms_k_gemm_amx = { .all = all, .here = here };
