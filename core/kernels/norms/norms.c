/* Batch norm followed by a leaky rectifier, over a matrix of rows x channels. Few channels are
   handled as many: FOLD rows side by side are one row of FOLD times as many channels, so that every
   loop runs over whole registers. Sums are gathered in `real` over short runs of rows around a
   fixed centre, in double over the runs, and chunk by chunk in order. */
#include "norms.h"

#include <math.h>
#include <string.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/leaky.h"
#include "../simd/prefetch.h"

enum { NARROW = 64, FOLD = 16, RUN = 32, PIECE = 1 << 16, MOST_SUMS = 2 };

typedef struct job {
  const real *x, *gy, *scale, *shift, *mean, *a, *b, *c;
  real *y, slope;
  size_t rows, channels; /* as given */
  size_t wide, high;     /* as folded: high rows of wide, then rows % FOLD rows as given */
  size_t step;           /* folded rows to a chunk */
  double *partial;       /* chunks x MOST_SUMS x channels */
  real *run;             /* chunks x MOST_SUMS x wide: the sums of one short run */
  real *table;           /* the per-channel facts, repeated to `wide` */
} job;

static size_t fold(job *j)
{
  int folded = j->channels < NARROW && j->rows >= FOLD;
  j->wide = folded ? j->channels * FOLD : j->channels;
  j->high = folded ? j->rows / FOLD : j->rows;
  j->step = PIECE / j->wide / RUN * RUN;
  if (j->step < RUN) j->step = RUN;
  return (j->high + j->step - 1) / j->step;
}

static ms_scratch_key room_for_tables, room_for_totals;

/* Repeats rows of channels over a folded row, one after another. */
static int widen(job *j, const real *const *row, int count)
{
  j->table = ms_scratch(&room_for_tables, (size_t)count * j->wide * sizeof(real));
  if (!j->table) return -1;
  for (int k = 0; k < count; k++)
    for (size_t i = 0; i < j->wide; i += j->channels)
      memcpy(j->table + (size_t)k * j->wide + i, row[k], j->channels * sizeof(real));
  return 0;
}

/* ---- sums ---------------------------------------------------------------------------- */
/* One run of rows into two rows of sums. */
static void run_statistics(const job *j, size_t first, size_t rows, size_t wide,
                           real *restrict s0, real *restrict s1)
{
  const real *restrict centre = j->table;
  for (size_t r = 0; r < rows; r++) {
    const real *restrict x = j->x + first + r * wide;
    ms_prefetch_ahead(x, wide);
    for (size_t i = 0; i < wide; i++) {
      real d = x[i] - centre[i];
      s0[i] += d;
      s1[i] += d * d;
    }
  }
}

static void run_back(const job *j, size_t first, size_t rows, size_t wide, real *restrict s0,
                     real *restrict s1)
{
  const real *restrict scale = j->table, *restrict shift = scale + j->wide,
              *restrict mean = shift + j->wide;
  const real slope = j->slope;
  for (size_t r = 0; r < rows; r++) {
    const real *restrict x = j->x + first + r * wide, *restrict gy = j->gy + first + r * wide;
    ms_prefetch_ahead(x, wide);
    ms_prefetch_ahead(gy, wide);
    for (size_t i = 0; i < wide; i++) {
      real gz = ms_leaky_back(scale[i] * x[i] + shift[i], gy[i], slope);
      s0[i] += gz;
      s1[i] += gz * (x[i] - mean[i]);
    }
  }
}

typedef void run_sums(const job *j, size_t first, size_t rows, size_t wide, real *s0, real *s1);

typedef struct sums_job {
  job *j;
  run_sums *run;
} sums_job;

static void sum_rows(const job *j, run_sums *run, size_t first, size_t rows, size_t wide,
                     double *partial, real *s)
{
  const size_t n = j->channels;
  for (size_t r = 0; r < rows; r += RUN) {
    memset(s, 0, 2 * wide * sizeof *s);
    run(j, first + r * wide, rows - r < RUN ? rows - r : RUN, wide, s, s + wide);
    for (size_t i = 0; i < wide; i += n)
      for (size_t c = 0; c < n; c++) {
        partial[c] += (double)s[i + c];
        partial[n + c] += (double)s[wide + i + c];
      }
  }
}

static void sums_chunk(void *arg, size_t chunk)
{
  const sums_job *s = arg;
  const job *j = s->j;
  double *partial = j->partial + chunk * MOST_SUMS * j->channels;
  real *run = j->run + chunk * MOST_SUMS * j->wide;
  memset(partial, 0, MOST_SUMS * j->channels * sizeof *partial);
  size_t first = chunk * j->step, left = j->high - first;
  sum_rows(j, s->run, first * j->wide, left < j->step ? left : j->step, j->wide, partial,
           run);
  if (first + j->step >= j->high) { /* the last chunk takes the rows that do not fold */
    size_t done = j->high * j->wide, rest = j->rows * j->channels - done;
    sum_rows(j, s->run, done, rest / j->channels, j->channels, partial, run);
  }
}

/* Two sums per channel, in chunk order, into total (2 x channels). */
static int sums(job *j, run_sums *run, double *total)
{
  size_t chunks = fold(j), each = MOST_SUMS * j->channels;
  size_t bytes = chunks * each * sizeof *j->partial;
  j->partial = ms_alloc(bytes + chunks * MOST_SUMS * j->wide * sizeof *j->run);
  if (!j->partial) return -1;
  j->run = (real *)((char *)j->partial + bytes);
  sums_job s = { j, run };
  ms_parallel(chunks, sums_chunk, &s);
  memset(total, 0, each * sizeof *total);
  for (size_t c = 0; c < chunks; c++)
    for (size_t i = 0; i < each; i++) total[i] += j->partial[c * each + i];
  ms_free(j->partial);
  return 0;
}

static int statistics(const real *x, size_t rows, size_t channels, real *mean, real *variance)
{
  job j = { .x = x, .rows = rows, .channels = channels };
  double *total = ms_scratch(&room_for_totals, 2 * channels * sizeof *total);
  fold(&j);
  const real *row[] = { x }; /* the first row is centre enough: it takes most of the mean away */
  if (!total || widen(&j, row, 1) != 0) return -1;
  for (size_t i = 0; i < j.wide; i++) /* unless it would turn all of a channel into NaN */
    if (!isfinite(j.table[i])) j.table[i] = 0;
  if (sums(&j, run_statistics, total) != 0) return -1;
  for (size_t c = 0; c < channels; c++) {
    double d = total[c] / (double)rows, v = total[channels + c] / (double)rows - d * d;
    mean[c] = (real)((double)j.table[c] + d);
    variance[c] = (real)(v < 0 ? 0 : v); /* NaN stays */
  }
  return 0;
}

static int back_sums(const real *x, const real *gy, size_t rows, size_t channels,
                     const ms_affine_relu *f, const real *mean, real *sum_gz, real *sum_gz_x)
{
  job j = { .x = x, .gy = gy, .rows = rows, .channels = channels, .slope = f->slope };
  double *total = ms_scratch(&room_for_totals, 2 * channels * sizeof *total);
  fold(&j);
  const real *row[] = { f->scale, f->shift, mean };
  if (!total || widen(&j, row, 3) != 0 || sums(&j, run_back, total) != 0) return -1;
  for (size_t c = 0; c < channels; c++) {
    sum_gz[c] = (real)total[c];
    sum_gz_x[c] = (real)total[channels + c];
  }
  return 0;
}

/* ---- maps ---------------------------------------------------------------------------- */
static void map_forward(const job *j, size_t first, size_t rows, size_t wide)
{
  const real *restrict scale = j->table, *restrict shift = scale + j->wide;
  const real slope = j->slope;
  for (size_t r = 0; r < rows; r++) {
    const real *restrict x = j->x + first + r * wide;
    real *restrict y = j->y + first + r * wide;
    ms_prefetch_ahead(x, wide);
    ms_prefetch_ahead(y, wide);
    for (size_t i = 0; i < wide; i++) y[i] = ms_leaky(scale[i] * x[i] + shift[i], slope);
  }
}

static void map_back(const job *j, size_t first, size_t rows, size_t wide)
{
  const real *restrict scale = j->table, *restrict shift = scale + j->wide,
              *restrict mean = shift + j->wide, *restrict a = mean + j->wide,
              *restrict b = a + j->wide, *restrict c = b + j->wide;
  const real slope = j->slope;
  for (size_t r = 0; r < rows; r++) {
    const real *restrict x = j->x + first + r * wide, *gy = j->gy + first + r * wide;
    real *gx = j->y + first + r * wide;
    ms_prefetch_ahead(x, wide);
    ms_prefetch_ahead(gy, wide);
    ms_prefetch_ahead(gx, wide);
    MS_STEPS_APART /* gx is gy or apart from it */
    for (size_t i = 0; i < wide; i++) {
      real gz = ms_leaky_back(scale[i] * x[i] + shift[i], gy[i], slope);
      gx[i] = a[i] * gz + (b[i] * (x[i] - mean[i]) + c[i]);
    }
  }
}

/* Where mean and variance do not follow x. */
static void map_back_fixed(const job *j, size_t first, size_t rows, size_t wide)
{
  const real *restrict scale = j->table, *restrict shift = scale + j->wide,
      *restrict a = shift + 2 * j->wide;
  const real slope = j->slope;
  for (size_t r = 0; r < rows; r++) {
    const real *restrict x = j->x + first + r * wide, *gy = j->gy + first + r * wide;
    real *gx = j->y + first + r * wide;
    ms_prefetch_ahead(x, wide);
    ms_prefetch_ahead(gy, wide);
    ms_prefetch_ahead(gx, wide);
    MS_STEPS_APART /* gx is gy or apart from it */
    for (size_t i = 0; i < wide; i++)
      gx[i] = a[i] * ms_leaky_back(scale[i] * x[i] + shift[i], gy[i], slope);
  }
}

typedef struct map_job {
  job *j;
  void (*map)(const job *j, size_t first, size_t rows, size_t wide);
} map_job;

static void map_chunk(void *arg, size_t chunk)
{
  const map_job *m = arg;
  const job *j = m->j;
  size_t first = chunk * j->step, left = j->high - first;
  m->map(j, first * j->wide, left < j->step ? left : j->step, j->wide);
  if (first + j->step >= j->high) {
    size_t done = j->high * j->wide, rest = j->rows * j->channels - done;
    m->map(j, done, rest / j->channels, j->channels);
  }
}

static int apply(const real *x, size_t rows, size_t channels, const ms_affine_relu *f, real *y)
{
  job j = { .x = x, .y = y, .rows = rows, .channels = channels, .slope = f->slope };
  const real *row[] = { f->scale, f->shift };
  size_t chunks = fold(&j);
  if (widen(&j, row, 2) != 0) return -1;
  map_job m = { &j, map_forward };
  ms_parallel(chunks, map_chunk, &m);
  return 0;
}

static int back_apply(const real *x, const real *gy, size_t rows, size_t channels,
                      const ms_affine_relu *f, const real *mean, const real *a, const real *b,
                      const real *c, real *gx)
{
  job j = { .x = x, .gy = gy, .y = gx, .rows = rows, .channels = channels, .slope = f->slope };
  const real *row[] = { f->scale, f->shift, mean, a, b, c };
  size_t chunks = fold(&j);
  if (widen(&j, row, b ? 6 : 4) != 0) return -1;
  map_job m = { &j, b ? map_back : map_back_fixed };
  ms_parallel(chunks, map_chunk, &m);
  return 0;
}

const ms_norms_kernels MS_K(norms) = {
  .statistics = statistics, .apply = apply, .back_sums = back_sums, .back_apply = back_apply,
};
