/* Max pooling of a batch norm and a leaky rectifier. A chunk is some rows of windows, gone through
   window by window, so that memory is read and written in its order. */
#include "norm_pooling.h"

#include <string.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/leaky.h"
#include "../simd/stream_store.h"
#include "../simd/pool_window.h"

enum { MOST_CHUNKS = 256 };

typedef struct job {
  const ms_pool_shape *s;
  const ms_centred_norm *f;
  const real *x, *gy, *a, *b, *c;
  real *y;           /* forward: y; backward: gx */
  double *partial;   /* chunks x 2 x channels */
  real *sums;        /* chunks x 2 x channels: those of one row */
  size_t rows, step; /* of windows: all, to a chunk */
  size_t offset[MS_MOST_PLACES];
  int nontemporal;   /* gx goes past the caches */
  void (*row)(const struct job *j, size_t row, real *sums);
} job;

/* Facts of some channels. */
typedef struct gate {
  vec scale, shift, mean;
  ms_rectifier rectifier;
} gate;

MS_INLINE gate gate_of(const ms_centred_norm *f, size_t first, size_t count)
{
  return (gate){ take(f->norm.scale + first, count), take(f->norm.shift + first, count),
                 take(f->mean + first, count), ms_rectifier_of(f->norm.slope) };
}

MS_INLINE vec enter(const gate *g, vec x)
{
  const vec z = g->scale * x + g->shift;
  return ms_rectify(&g->rectifier, z);
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

/* One window: `count` channels from c on, that begin at x and y. */
MS_INLINE void forward_window(const job *j, const real *x, real *y, size_t c, size_t count)
{
  const gate g = gate_of(j->f, c, count);
  vec most = enter(&g, take(x + c, count));
  for (size_t k = 1; k < j->s->ph * j->s->pw; k++) {
    const vec z = enter(&g, take(x + j->offset[k] + c, count));
    most = choose(takes(z, most), z, most);
  }
  put(y + c, most, count);
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
    const lanes new = takes(z, most);
    most = choose(new, z, most);
    w.x = choose(new, here, w.x);
    w.at = choose_places(new, (place)k, w.at);
  }
  w.gz = ms_rectify_back(&g->rectifier, g->scale * w.x + g->shift, take(gy, count));
  return w;
}

MS_INLINE void sum_window(const job *j, const real *x, const real *gy, size_t c, size_t count,
                          real *sums)
{
  const gate g = gate_of(j->f, c, count);
  const found w = find(j, &g, x + c, gy + c, count);
  real *s0 = sums + c, *s1 = s0 + j->s->channels;
  put(s0, take(s0, count) + w.gz, count);
  put(s1, take(s1, count) + w.gz * (w.x - g.mean), count);
}

/* Coefficients of the second pass; b and c are 0 and unused where mean and variance are fixed. */
typedef struct affine {
  vec a, b, c;
} affine;

MS_INLINE affine affine_of(const job *j, size_t c, size_t count, const int fixed)
{
  affine f = { .a = take(j->a + c, count) };
  if (fixed) return f;
  f.b = take(j->b + c, count);
  f.c = take(j->c + c, count);
  return f;
}

/* What every x adds to gx. */
MS_INLINE vec rest_of(const affine *f, vec x, vec mean)
{
  return f->b * (x - mean) + f->c;
}

MS_INLINE void apply_window(const job *j, const real *x, const real *gy, real *gx, size_t c,
                            size_t count, const int fixed)
{
  const gate g = gate_of(j->f, c, count);
  const affine f = affine_of(j, c, count, fixed);
  const found w = find(j, &g, x + c, gy + c, count);
  /* NaN where a is not finite, as PyTorch's */
  const vec most = f.a * w.gz, none = f.a * (vec){ 0 };
  for (size_t k = 0; k < j->s->ph * j->s->pw; k++) {
    const lanes here = w.at == (lanes){ 0 } + (place)k;
    vec all = choose(here, most, none);
    if (!fixed) {
      const vec rest = rest_of(&f, take(x + j->offset[k] + c, count), g.mean);
      all = choose(here, most + rest, rest);
    }
    if (j->nontemporal) ms_stream_store(gx + j->offset[k] + c, all);
    else put(gx + j->offset[k] + c, all, count);
  }
}

/* A body for every register of channels: whole ones are a constant to the compiler. */
#define EACH_REGISTER(j, c, count, body)                                  \
  do {                                                                    \
    const size_t channels_ = (j)->s->channels;                            \
    size_t c = 0;                                                         \
    for (; c + MS_LANES <= channels_; c += MS_LANES) {                    \
      const size_t count = MS_LANES;                                      \
      body;                                                               \
    }                                                                     \
    if (c < channels_) {                                                  \
      const size_t count = channels_ - c;                                 \
      body;                                                               \
    }                                                                     \
  } while (0)

static void forward_row(const job *j, size_t row, real *sums)
{
  const ms_pool_shape *s = j->s;
  const real *x = j->x + x_at(s, row);
  real *y = j->y + y_at(s, row);
  (void)sums;
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * s->channels, y += s->channels)
    EACH_REGISTER(j, c, count, forward_window(j, x, y, c, count));
}

static void sums_row(const job *j, size_t row, real *sums)
{
  const ms_pool_shape *s = j->s;
  const real *x = j->x + x_at(s, row), *gy = j->gy + y_at(s, row);
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * s->channels, gy += s->channels)
    EACH_REGISTER(j, c, count, sum_window(j, x, gy, c, count, sums));
}

/* Pixels that no window holds. */
MS_INLINE void apply_outside(const job *j, size_t at, size_t pixels, const int fixed)
{
  for (size_t p = 0; p < pixels; p++, at += j->s->channels)
    EACH_REGISTER(j, c, count, {
      const affine f = affine_of(j, c, count, fixed);
      vec all = f.a * (vec){ 0 };
      if (!fixed) all = rest_of(&f, take(j->x + at + c, count), take(j->f->mean + c, count));
      put(j->y + at + c, all, count);
    });
}

MS_INLINE void apply(const job *j, size_t row, const int fixed)
{
  const ms_pool_shape *s = j->s;
  const size_t c_all = s->channels, start = x_at(s, row), covered = s->w / s->pw * s->pw;
  const real *x = j->x + start, *gy = j->gy + y_at(s, row);
  real *gx = j->y + start;
  for (size_t q = 0; q < s->w / s->pw; q++, x += s->pw * c_all, gx += s->pw * c_all, gy += c_all)
    EACH_REGISTER(j, c, count, apply_window(j, x, gy, gx, c, count, fixed));
  for (size_t i = 0; i < s->ph; i++)
    apply_outside(j, start + (i * s->w + covered) * c_all, s->w - covered, fixed);
  if ((row + 1) % (s->h / s->ph) == 0) /* the last of an image */
    apply_outside(j, start + s->ph * s->w * c_all, s->h % s->ph * s->w, fixed);
}

static void apply_row(const job *j, size_t row, real *sums)
{
  (void)sums;
  if (j->b) apply(j, row, 0);
  else apply(j, row, 1);
}

/* Sums of a row are gathered in `real`, those of rows in double. */
static void chunk_of_rows(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t first = chunk * j->step, end = first + j->step < j->rows ? first + j->step : j->rows;
  const size_t each = 2 * j->s->channels;
  double *partial = j->partial ? j->partial + chunk * each : NULL;
  real *sums = partial ? j->sums + chunk * each : NULL;
  for (size_t i = 0; partial && i < each; i++) partial[i] = 0;
  for (size_t row = first; row < end; row++) {
    for (size_t i = 0; sums && i < each; i++) sums[i] = 0;
    j->row(j, row, sums);
    for (size_t i = 0; sums && i < each; i++) partial[i] += (double)sums[i];
  }
  if (j->nontemporal) ms_stream_done();
}

static size_t cut(job *j)
{
  j->rows = j->s->n * (j->s->h / j->s->ph);
  j->step = j->rows / MOST_CHUNKS + 1;
  window_offsets(j->s->ph, j->s->pw, j->s->w, j->s->channels, j->offset);
  return (j->rows + j->step - 1) / j->step;
}

static void forward(const ms_pool_shape *s, const ms_centred_norm *f, const real *x, real *y)
{
  job j = { .s = s, .f = f, .x = x, .y = y, .row = forward_row };
  ms_parallel(cut(&j), chunk_of_rows, &j);
}

static int back_sums(const ms_pool_shape *s, const ms_centred_norm *f, const real *x,
                     const real *gy, real *sum_gz, real *sum_gz_x)
{
  job j = { .s = s, .f = f, .x = x, .gy = gy, .row = sums_row };
  const size_t chunks = cut(&j), each = 2 * s->channels;
  const size_t doubles = (chunks + 1) * each;
  j.partial = ms_alloc(doubles * sizeof *j.partial + chunks * each * sizeof *j.sums);
  if (!j.partial) return -1;
  j.sums = (real *)(j.partial + doubles);
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

static void back_apply(const ms_pool_shape *s, const ms_centred_norm *f, const real *x,
                       const real *gy, const real *a, const real *b, const real *c, real *gx)
{
  job j = { .s = s, .f = f, .x = x, .gy = gy, .a = a, .b = b, .c = c, .y = gx, .row = apply_row,
            .nontemporal = ms_nontemporal(gx, s->channels, s->n * s->h * s->w * s->channels) };
  ms_parallel(cut(&j), chunk_of_rows, &j);
}

const ms_norm_pooling_kernels MS_K(norm_pooling) = {
  .forward = forward, .back_sums = back_sums, .back_apply = back_apply,
};
