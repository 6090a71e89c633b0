/* Max pooling of a batch norm and a leaky rectifier. A chunk is some rows of windows; a row is
   gone through once for every register of channels. */
#include "norm_pooling.h"

#include <string.h>

#include "../base/memory.h"
#include "../base/pool.h"
#include "windows.h"

enum { MOST_CHUNKS = 256 };

typedef struct job {
  const ms_pool_shape *s;
  const ms_pool_norm *f;
  const real *x, *gy, *a, *b, *c;
  real *y;           /* forward: y; backward: gx */
  double *partial;   /* chunks x 2 x channels */
  size_t rows, step; /* of windows: all, to a chunk */
  size_t offset[MS_MOST_PLACES];
  /* some channels of a row: MS_LANES of them, or fewer at the end */
  void (*row)(const struct job *j, size_t row, size_t first, size_t count, double *partial);
} job;

/* Facts of some channels. */
typedef struct gate {
  vec scale, shift, mean, slope;
} gate;

MS_INLINE gate gate_of(const ms_pool_norm *f, size_t first, size_t count)
{
  return (gate){ take(f->scale + first, count), take(f->shift + first, count),
                 take(f->mean + first, count), f->slope - (vec){ 0 } };
}

MS_INLINE vec enter(const gate *g, vec x)
{
  const vec z = g->scale * x + g->shift;
  return choose(z > (vec){ 0 }, z, g->slope * z);
}

/* The first number of window row `row` in x and in y. */
static size_t x_at(const ms_pool_shape *s, size_t row)
{
  const size_t rows = s->h / s->ph;
  return (row / rows * s->h + row % rows * s->ph) * s->w * s->channels;
}

static size_t y_at(const ms_pool_shape *s, size_t row)
{
  return row * (s->w / s->pw) * s->channels;
}

MS_INLINE void forward_channels(const job *j, size_t row, size_t first, size_t count)
{
  const ms_pool_shape *s = j->s;
  const gate g = gate_of(j->f, first, count);
  const real *x = j->x + x_at(s, row) + first;
  real *y = j->y + y_at(s, row) + first;
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * s->channels, y += s->channels) {
    vec most = enter(&g, take(x, count));
    for (size_t k = 1; k < s->ph * s->pw; k++) {
      const vec z = enter(&g, take(x + j->offset[k], count));
      most = choose(z <= most, most, z); /* a NaN wins, so that it is not lost */
    }
    put(y, most, count);
  }
}

/* Of one window and some channels: where its largest number is, x there, and gz. */
typedef struct found {
  lanes at;
  vec x, gz;
} found;

MS_INLINE found find(const job *j, const gate *g, const real *x, const real *gy, size_t count)
{
  found w = { .at = { 0 }, .x = take(x, count) };
  vec most = enter(g, w.x);
  for (size_t k = 1; k < j->s->ph * j->s->pw; k++) {
    const vec here = take(x + j->offset[k], count), z = enter(g, here);
    const lanes stays = z <= most;
    most = choose(stays, most, z);
    w.x = choose(stays, w.x, here);
    w.at = choose_places(stays, w.at, (place)k);
  }
  const vec up = take(gy, count);
  w.gz = choose(g->scale * w.x + g->shift > (vec){ 0 }, up, g->slope * up);
  return w;
}

/* Sums of a row are gathered in `real`, those of rows in double. */
MS_INLINE void sum_channels(const job *j, size_t row, size_t first, size_t count, double *partial)
{
  const ms_pool_shape *s = j->s;
  const gate g = gate_of(j->f, first, count);
  const real *x = j->x + x_at(s, row) + first, *gy = j->gy + y_at(s, row) + first;
  vec s0 = { 0 }, s1 = { 0 };
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * s->channels, gy += s->channels) {
    const found w = find(j, &g, x, gy, count);
    s0 += w.gz;
    s1 += w.gz * (w.x - g.mean);
  }
  for (size_t i = 0; i < count; i++) {
    partial[first + i] += (double)s0[i];
    partial[s->channels + first + i] += (double)s1[i];
  }
}

/* Coefficients of the second pass. */
typedef struct affine {
  vec a, b, c;
} affine;

/* Pixels that no window holds. */
MS_INLINE void apply_outside(const job *j, const gate *g, const affine *k, size_t at, size_t pixels,
                             size_t count)
{
  for (size_t p = 0; p < pixels; p++, at += j->s->channels)
    put(j->y + at, k->b * (take(j->x + at, count) - g->mean) + k->c, count);
}

MS_INLINE void apply_channels(const job *j, size_t row, size_t first, size_t count)
{
  const ms_pool_shape *s = j->s;
  const size_t c = s->channels, start = x_at(s, row) + first, covered = s->w / s->pw * s->pw;
  const gate g = gate_of(j->f, first, count);
  const affine f = { take(j->a + first, count), take(j->b + first, count), take(j->c + first, count) };
  const real *x = j->x + start, *gy = j->gy + y_at(s, row) + first;
  real *gx = j->y + start;
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * c, gx += s->pw * c, gy += c) {
    const found w = find(j, &g, x, gy, count);
    for (size_t k = 0; k < s->ph * s->pw; k++) {
      const lanes here = w.at == (lanes){ 0 } + (place)k;
      const vec rest = f.b * (take(x + j->offset[k], count) - g.mean) + f.c;
      put(gx + j->offset[k], choose(here, f.a * w.gz + rest, rest), count);
    }
  }
  for (size_t i = 0; i < s->ph; i++)
    apply_outside(j, &g, &f, start + (i * s->w + covered) * c, s->w - covered, count);
  if ((row + 1) % (s->h / s->ph) == 0) /* the last of an image */
    apply_outside(j, &g, &f, start + s->ph * s->w * c, s->h % s->ph * s->w, count);
}

/* Whole registers are a constant to the compiler. */
#define ROW(name, call)                                                                   \
  static void name(const job *j, size_t row, size_t first, size_t count, double *partial) \
  {                                                                                       \
    (void)partial;                                                                        \
    if (count == MS_LANES) {                                                              \
      const size_t n = MS_LANES;                                                          \
      call;                                                                               \
    } else {                                                                              \
      const size_t n = count;                                                             \
      call;                                                                               \
    }                                                                                     \
  }
ROW(forward_row, forward_channels(j, row, first, n))
ROW(sums_row, sum_channels(j, row, first, n, partial))
ROW(apply_row, apply_channels(j, row, first, n))

static void chunk_of_rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t first = chunk * j->step, end = first + j->step < j->rows ? first + j->step : j->rows;
  const size_t channels = j->s->channels;
  double *partial = j->partial ? j->partial + chunk * 2 * channels : NULL;
  if (partial) memset(partial, 0, 2 * channels * sizeof *partial);
  for (size_t row = first; row < end; row++)
    for (size_t c = 0; c < channels; c += MS_LANES)
      j->row(j, row, c, channels - c < MS_LANES ? channels - c : MS_LANES, partial);
}

static size_t cut(job *j)
{
  j->rows = j->s->n * (j->s->h / j->s->ph);
  j->step = j->rows / MOST_CHUNKS + 1;
  window_offsets(j->s, j->offset);
  return (j->rows + j->step - 1) / j->step;
}

static void forward(const ms_pool_shape *s, const ms_pool_norm *f, const real *x, real *y)
{
  job j = { .s = s, .f = f, .x = x, .y = y, .row = forward_row };
  ms_parallel(cut(&j), chunk_of_rows, &j);
}

static int back_sums(const ms_pool_shape *s, const ms_pool_norm *f, const real *x, const real *gy,
                     real *sum_gz, real *sum_gz_x)
{
  job j = { .s = s, .f = f, .x = x, .gy = gy, .row = sums_row };
  const size_t chunks = cut(&j), each = 2 * s->channels;
  j.partial = ms_alloc((chunks + 1) * each * sizeof *j.partial);
  if (!j.partial) return -1;
  double *total = j.partial + chunks * each;
  ms_parallel(chunks, chunk_of_rows, &j);
  memset(total, 0, each * sizeof *total);
  for (size_t p = 0; p < chunks; p++)
    for (size_t i = 0; i < each; i++) total[i] += j.partial[p * each + i];
  for (size_t i = 0; i < s->channels; i++) {
    sum_gz[i] = (real)total[i];
    sum_gz_x[i] = (real)total[s->channels + i];
  }
  ms_free(j.partial);
  return 0;
}

static void back_apply(const ms_pool_shape *s, const ms_pool_norm *f, const real *x, const real *gy,
                       const real *a, const real *b, const real *c, real *gx)
{
  job j = { .s = s, .f = f, .x = x, .gy = gy, .a = a, .b = b, .c = c, .y = gx, .row = apply_row };
  ms_parallel(cut(&j), chunk_of_rows, &j);
}

const ms_norm_pooling_kernels MS_K(norm_pooling) = { forward, back_sums, back_apply };
