/* Products of a matrix and a vector: every number of the matrix is used once, so that it is read in
   order and never packed. Sums of a few hundred numbers are added up in doubles. */
#include "gemm_vector.h"

#include "../../base/memory.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"

enum { TOGETHER = 4, LONG = 256 * MS_LANES }; /* rows; numbers of a row */
enum { PART = 1 << 16, MOST_ROWS = 1024, COLUMNS = 512 }; /* numbers, rows and columns of a part */

typedef struct job {
  const ms_product *p;
  const real *matrix, *vector;
  size_t rows, columns, pitch; /* of the matrix */
  size_t step;                 /* rows of a part */
  size_t parts, across;        /* along columns: parts of the rows, and of the columns */
  real *sums;                  /* (parts, columns) */
} job;

/* c's number i from its sum. */
static void put(const job *j, size_t i, double sum)
{
  const ms_product *p = j->p;
  real *c = p->c + (p->n == 1 ? i * p->ldc : i);
  const real from = p->add ? *c : p->bias ? p->bias[p->n == 1 ? 0 : i] : 0;
  *c = from + p->scale * (real)sum;
}

/* ---- a sum along each row -------------------------------------------------------------------- */
/* Adds what columns k .. k + n - 1 give to the sums of some rows. */
MS_INLINE void add_columns(const job *j, size_t i, size_t k, size_t n, const int rows,
                           double total[TOGETHER])
{
  const real *x = j->matrix + i * j->pitch + k, *v = j->vector + k;
  vec sum[TOGETHER] = { 0 };
  size_t q = 0;
  for (; q + MS_LANES <= n; q += MS_LANES)
    MS_UNROLL for (int r = 0; r < rows; r++)
      sum[r] += *(const vec_u *)(x + (size_t)r * j->pitch + q) * *(const vec_u *)(v + q);
  for (int r = 0; r < rows; r++) {
    real some = 0;
    for (int lane = 0; lane < MS_LANES; lane++) some += sum[r][lane];
    for (size_t left = q; left < n; left++) some += x[(size_t)r * j->pitch + left] * v[left];
    total[r] += (double)some;
  }
}

MS_INLINE void sum_rows(const job *j, size_t i, const int rows)
{
  double total[TOGETHER] = { 0 };
  for (size_t k = 0; k < j->columns; k += LONG)
    add_columns(j, i, k, ms_least(LONG, j->columns - k), rows, total);
  for (int r = 0; r < rows; r++) put(j, i + (size_t)r, total[r]);
}

static void some_rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t end = ms_least((chunk + 1) * j->step, j->rows);
  size_t i = chunk * j->step;
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
  const size_t end = ms_least((part + 1) * j->step, j->rows);
  real *sum = j->sums + part * j->columns + first;
  for (size_t k = 0; k < n; k++) sum[k] = 0;
  size_t i = part * j->step;
  for (; i + TOGETHER <= end; i += TOGETHER) add_rows(j, i, first, n, sum);
  for (; i < end; i++) add_row(j, i, first, n, sum);
}

static ms_scratch_key room_for_sums, room_for_vector;

static int sum_columns(job *j)
{
  j->across = ms_parts_of(j->columns, COLUMNS);
  j->parts = ms_parts_of(j->rows, j->step);
  j->sums = ms_scratch(&room_for_sums, j->parts * j->columns * sizeof(real));
  if (!j->sums) return -1;
  ms_parallel(j->parts * j->across, some_columns, j);
  for (size_t i = 0; i < j->columns; i++) {
    double sum = 0;
    for (size_t part = 0; part < j->parts; part++) sum += (double)j->sums[part * j->columns + i];
    put(j, i, sum);
  }
  return 0;
}

/* ---- both ------------------------------------------------------------------------------------ */
/* Rows that one thread takes at a time: sizes alone decide. */
static size_t step_of(size_t columns)
{
  const size_t rows = PART / (columns + 1) / TOGETHER * TOGETHER;
  return rows < TOGETHER ? TOGETHER : ms_least(rows, MOST_ROWS);
}

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
  j.step = step_of(along_rows ? j.columns : ms_least(j.columns, COLUMNS));
  if (!along_rows) return sum_columns(&j);
  ms_parallel(ms_parts_of(j.rows, j.step), some_rows, &j);
  return 0;
}
