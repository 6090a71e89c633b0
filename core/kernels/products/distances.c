/* Distances between the rows of two matrices: tiles of y in registers, over columns of b that lie
   side by side. Each number is summed in the order of the columns, wherever its tile begins. */
#include "distances.h"

#include <math.h>
#include <stdatomic.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { TALL = MS_VEC_BYTES == 64 ? 8 : 4, WIDE = 2 * MS_LANES, ROWS = 64, COLUMNS = 4 * WIDE };

#ifdef MS_DOUBLE
#define F(name) name
#else
#define F(name) name##f
#endif

static ms_scratch_key room_for_columns;

typedef void tile_function(const ms_distances *d, const real *const *a, const real *b,
                           real y[TALL][WIDE]);

/* b holds WIDE columns for each q; a points to TALL rows. */
#define TILE(name, term, finish)                                                          \
  static void name##_tile(const ms_distances *d, const real *const *a, const real *b,     \
                          real y[TALL][WIDE])                                             \
  {                                                                                       \
    const real p = (real)d->p;                                                            \
    (void)p;                                                                              \
    for (int r = 0; r < TALL; r++)                                                        \
      for (int w = 0; w < WIDE; w++) y[r][w] = 0;                                         \
    for (size_t q = 0; q < d->k; q++, b += WIDE)                                          \
      for (int r = 0; r < TALL; r++)                                                      \
        for (int w = 0; w < WIDE; w++) {                                                  \
          const real x = a[r][q] - b[w], s = y[r][w];                                     \
          y[r][w] = term;                                                                 \
        }                                                                                 \
    for (int r = 0; r < TALL; r++)                                                        \
      for (int w = 0; w < WIDE; w++) {                                                    \
        const real s = y[r][w];                                                           \
        y[r][w] = finish;                                                                 \
      }                                                                                   \
  }

TILE(count, s + (x != 0 ? 1 : 0), s)
TILE(sum, s + F(fabs)(x), s)
TILE(largest, x != x || F(fabs)(x) > s ? F(fabs)(x) : s, s)
TILE(power, s + F(pow)(F(fabs)(x), p), F(pow)(s, 1 / p))

/* The same for p = 2, with the sums in registers. */
static void euclid_tile(const ms_distances *d, const real *const *a, const real *b,
                        real y[TALL][WIDE])
{
  vec sum[TALL][2] = { 0 };
  for (size_t q = 0; q < d->k; q++, b += WIDE) {
    const vec left = *(const vec *)b, right = *(const vec *)(b + MS_LANES);
    MS_UNROLL
    for (int r = 0; r < TALL; r++) {
      const vec x = a[r][q] - left, z = a[r][q] - right;
      sum[r][0] += x * x;
      sum[r][1] += z * z;
    }
  }
  for (int r = 0; r < TALL; r++) {
    *(vec_u *)y[r] = sum[r][0];
    *(vec_u *)(y[r] + MS_LANES) = sum[r][1];
    for (int w = 0; w < WIDE; w++) y[r][w] = F(sqrt)(y[r][w]);
  }
}

static tile_function *tile_of(double p)
{
  return p == 0 ? count_tile : p == 1 ? sum_tile : p == 2 ? euclid_tile
         : isinf(p) ? largest_tile : power_tile;
}

typedef struct job {
  ms_distances d;
  tile_function *tile;
  size_t blocks; /* of columns */
  atomic_int failed;
} job;

/* Columns first.. of b^T, WIDE side by side; columns beyond the last are 0. */
static void pack(const ms_distances *d, size_t first, real *to)
{
  for (size_t w = 0; w < WIDE; w++) {
    const real *from = d->b + (first + w) * d->k;
    for (size_t q = 0; q < d->k; q++) to[q * WIDE + w] = first + w < d->n ? from[q] : 0;
  }
}

/* One tile; rows and columns beyond the last are computed and thrown away. */
static void put_tile(const job *j, size_t i, size_t o, const real *columns)
{
  const ms_distances *d = &j->d;
  const real *rows[TALL];
  _Alignas(MS_VEC_BYTES) real y[TALL][WIDE];
  for (size_t r = 0; r < TALL; r++) rows[r] = d->a + (i + r < d->m ? i + r : d->m - 1) * d->k;
  j->tile(d, rows, columns, y);
  for (size_t r = 0; r < TALL && i + r < d->m; r++)
    for (size_t w = 0; w < WIDE && o + w < d->n; w++) d->y[(i + r) * d->n + o + w] = y[r][w];
}

static void block(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_distances *d = &j->d;
  const size_t top = chunk / j->blocks * ROWS, left = chunk % j->blocks * COLUMNS;
  real *columns = ms_scratch(&room_for_columns, (d->k + 1) * WIDE * sizeof(real));
  if (!columns) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (size_t o = left; o < left + COLUMNS && o < d->n; o += WIDE) {
    pack(d, o, columns);
    for (size_t i = top; i < top + ROWS && i < d->m; i += TALL) put_tile(j, i, o, columns);
  }
}

static int forward(const ms_distances *d)
{
  job j = { .d = *d, .tile = tile_of(d->p), .blocks = (d->n + COLUMNS - 1) / COLUMNS };
  ms_parallel((d->m + ROWS - 1) / ROWS * j.blocks, block, &j);
  return atomic_load(&j.failed) ? -1 : 0;
}

/* ---- gradients: a row of one side against all rows of the other, FOUR at a time -------------- */
enum { FOUR = 4, BESIDE = 16 };

/* What the distance y gains as its numbers part by x, times gy; w is gy over y (p = 2). */
static real slope(double p, real x, real y, real gy, real w)
{
  const real size = F(fabs)(x), sign = x > 0 ? 1 : x < 0 ? -1 : x;
  if (p == 2) return w * x;
  if (p == 1) return gy * sign;
  if (isinf(p)) return size == y ? gy * sign : 0;
  if (x == 0 || y == 0 || p == 0) return 0;
  return gy * sign * F(pow)(size / y, (real)p - 1);
}

/* g (k) += the gradient of `row`, which is away from `other` by y. */
static void add_pair(const ms_distances *d, const real *row, const real *other, real y, real gy,
                     real *restrict g)
{
  const real w = y != 0 ? gy / y : 0;
  for (size_t q = 0; q < d->k; q++) g[q] += slope(d->p, row[q] - other[q], y, gy, w);
}

/* For p = 2: of `row` against FOUR others, `step` numbers apart, one after the other; w[r * pitch]
   is gy over y of each. */
static void add_four(size_t k, const real *restrict row, const real *restrict other, size_t step,
                     const real *w, size_t pitch, real *restrict g)
{
  const real w0 = w[0], w1 = w[pitch], w2 = w[2 * pitch], w3 = w[3 * pitch];
  for (size_t q = 0; q < k; q++) {
    const real x = row[q];
    real sum = g[q];
    sum += w0 * (x - other[q]);
    sum += w1 * (x - other[step + q]);
    sum += w2 * (x - other[2 * step + q]);
    sum += w3 * (x - other[3 * step + q]);
    g[q] = sum;
  }
}

static void over(const real *restrict gy, const real *restrict y, size_t n, real *restrict w)
{
  for (size_t i = 0; i < n; i++) w[i] = y[i] != 0 ? gy[i] / y[i] : 0;
}

static void row_back(void *arg, size_t i)
{
  const ms_distances *d = arg;
  const real *row = d->a + i * d->k, *y = d->y + i * d->n, *gy = d->gy + i * d->n;
  real w[FOUR], *g = d->ga + i * d->k;
  size_t o = 0;
  for (; d->p == 2 && o + FOUR <= d->n; o += FOUR) {
    over(gy + o, y + o, FOUR, w);
    add_four(d->k, row, d->b + o * d->k, d->k, w, 1, g);
  }
  for (; o < d->n; o++) add_pair(d, row, d->b + o * d->k, y[o], gy[o], g);
}

/* BESIDE columns of y and gy, which lie side by side. */
static void columns_back(void *arg, size_t chunk)
{
  const ms_distances *d = arg;
  const size_t first = chunk * BESIDE, left = d->n - first, wide = left < BESIDE ? left : BESIDE;
  real w[FOUR * BESIDE];
  size_t i = 0;
  for (; d->p == 2 && i + FOUR <= d->m; i += FOUR) {
    for (size_t r = 0; r < FOUR; r++)
      over(d->gy + (i + r) * d->n + first, d->y + (i + r) * d->n + first, wide, w + r * BESIDE);
    for (size_t o = 0; o < wide; o++)
      add_four(d->k, d->b + (first + o) * d->k, d->a + i * d->k, d->k, w + o, BESIDE,
               d->gb + (first + o) * d->k);
  }
  for (; i < d->m; i++)
    for (size_t o = first; o < first + wide; o++)
      add_pair(d, d->b + o * d->k, d->a + i * d->k, d->y[i * d->n + o], d->gy[i * d->n + o],
               d->gb + o * d->k);
}

static void backward(const ms_distances *d)
{
  ms_distances copy = *d;
  if (d->ga) ms_parallel(d->m, row_back, &copy);
  if (d->gb) ms_parallel((d->n + BESIDE - 1) / BESIDE, columns_back, &copy);
}

const ms_distances_kernels MS_K(distances) = { .forward = forward, .backward = backward };
