/* Products of a matrix and a vector: every number of the matrix is used once, so that it is read in
   order, by all threads, and never packed. */
#include "gemm_vector.h"

#include "../../base/memory.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"

enum { TOGETHER = 4 }; /* rows */
enum { ROWS = 64, COLUMNS = 512, PART = 1 << 17, MOST_PARTS = 64 };

typedef struct job {
  const ms_product *p;
  const real *matrix, *vector;
  size_t rows, columns, pitch; /* of the matrix */
  size_t parts, across;        /* along columns: parts of the rows, and of the columns */
  real *sums;                  /* (parts, columns) */
} job;

/* c's number i from its sum. */
static void put(const job *j, size_t i, real sum)
{
  const ms_product *p = j->p;
  real *c = p->c + (p->n == 1 ? i * p->ldc : i);
  const real from = p->add ? *c : p->bias ? p->bias[p->n == 1 ? 0 : i] : 0;
  *c = from + p->scale * sum;
}

/* ---- a sum along each row -------------------------------------------------------------------- */
MS_INLINE void sum_rows(const job *j, size_t i, const int rows)
{
  const real *x = j->matrix + i * j->pitch, *v = j->vector;
  const size_t n = j->columns;
  vec sum[TOGETHER] = { 0 };
  size_t k = 0;
  for (; k + MS_LANES <= n; k += MS_LANES)
    MS_UNROLL for (int r = 0; r < rows; r++)
      sum[r] += *(const vec_u *)(x + (size_t)r * j->pitch + k) * *(const vec_u *)(v + k);
  for (int r = 0; r < rows; r++) {
    real total = 0;
    for (int lane = 0; lane < MS_LANES; lane++) total += sum[r][lane];
    for (size_t q = k; q < n; q++) total += x[(size_t)r * j->pitch + q] * v[q];
    put(j, i + (size_t)r, total);
  }
}

static void some_rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = ms_least((chunk + 1) * ROWS, j->rows);
  size_t i = chunk * ROWS;
  for (; i + TOGETHER <= end; i += TOGETHER) sum_rows(j, i, TOGETHER);
  for (; i < end; i++) sum_rows(j, i, 1);
}

/* ---- a sum along each column ----------------------------------------------------------------- */
static void add_rows(const job *j, size_t i, size_t first, size_t n, real *restrict sum)
{
  const real *x = j->matrix + i * j->pitch + first, *v = j->vector + i;
  const real *restrict a = x, *restrict b = x + j->pitch, *restrict c = b + j->pitch,
      *restrict d = c + j->pitch;
  for (size_t k = 0; k < n; k++)
    sum[k] += (v[0] * a[k] + v[1] * b[k]) + (v[2] * c[k] + v[3] * d[k]);
}

static void add_row(const job *j, size_t i, size_t first, size_t n, real *restrict sum)
{
  const real *restrict x = j->matrix + i * j->pitch + first, v = j->vector[i];
  for (size_t k = 0; k < n; k++) sum[k] += v * x[k];
}

static void some_columns(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t part = chunk / j->across, first = chunk % j->across * COLUMNS;
  const size_t n = ms_least(COLUMNS, j->columns - first);
  const size_t end = j->rows * (part + 1) / j->parts;
  real *sum = j->sums + part * j->columns + first;
  for (size_t k = 0; k < n; k++) sum[k] = 0;
  size_t i = j->rows * part / j->parts;
  for (; i + TOGETHER <= end; i += TOGETHER) add_rows(j, i, first, n, sum);
  for (; i < end; i++) add_row(j, i, first, n, sum);
}

static ms_scratch_key room_for_sums, room_for_vector;

/* Sizes alone decide into how many parts the rows are cut, whose sums are added in order. */
static int sum_columns(job *j)
{
  j->across = ms_parts_of(j->columns, COLUMNS);
  const size_t parts = j->rows * j->columns / PART / j->across + 1;
  j->parts = ms_least(ms_least(parts, MOST_PARTS), j->rows ? j->rows : 1);
  j->sums = ms_scratch(&room_for_sums, j->parts * j->columns * sizeof(real));
  if (!j->sums) return -1;
  ms_parallel(j->parts * j->across, some_columns, j);
  for (size_t i = 0; i < j->columns; i++) {
    real sum = 0;
    for (size_t part = 0; part < j->parts; part++) sum += j->sums[part * j->columns + i];
    put(j, i, sum);
  }
  return 0;
}

/* ---- both ------------------------------------------------------------------------------------ */
/* k numbers that are `pitch` apart, side by side; NULL and a message. */
static const real *side_by_side(const real *v, size_t pitch, size_t k)
{
  if (pitch == 1) return v;
  real *to = ms_scratch(&room_for_vector, k * sizeof *to);
  for (size_t i = 0; to && i < k; i++) to[i] = v[i * pitch];
  return to;
}

int MS_K(multiply_vector)(const ms_product *p)
{
  job j = { .p = p };
  const int right = p->n == 1; /* which side the vector is on */
  const int along_rows = right ? !p->ta : p->tb;
  const size_t results = right ? p->m : p->n;
  j.vector = right ? side_by_side(p->b, p->tb ? 1 : p->ldb, p->k)
                   : side_by_side(p->a, p->ta ? p->lda : 1, p->k);
  if (!j.vector) return -1;
  j.matrix = right ? p->a : p->b;
  j.pitch = right ? p->lda : p->ldb;
  j.rows = along_rows ? results : p->k;
  j.columns = along_rows ? p->k : results;
  if (!along_rows) return sum_columns(&j);
  ms_parallel(ms_parts_of(j.rows, ROWS), some_rows, &j);
  return 0;
}
