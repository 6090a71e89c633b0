/* Pooling over any windows. Both directions gather: a number of gx adds up what the windows over it
   give, so that no two threads write to one place. */
#include "window_pooling.h"

#include "../../base/thread_pool.h"
#include "../simd/pool_window.h"

enum { CHUNK_NUMBERS = 1 << 15 };

/* Places first .. end-1. */
typedef struct stretch {
  size_t first, end;
} stretch;

static stretch places_of(const ms_pool_axis *a, size_t i)
{
  if (!a->kernel)
    return (stretch){ i * a->size / a->out, ((i + 1) * a->size + a->out - 1) / a->out };
  const size_t start = i * a->stride, end = start + a->kernel;
  return (stretch){ start > a->pad ? start - a->pad : 0,
                    end < a->pad + a->size ? end - a->pad : a->size };
}

/* The windows over a place. */
static stretch windows_over(const ms_pool_axis *a, size_t p)
{
  if (!a->kernel)
    return (stretch){ p * a->out / a->size, ((p + 1) * a->out + a->size - 1) / a->size };
  const size_t at = p + a->pad, end = at / a->stride + 1;
  return (stretch){ at < a->kernel ? 0 : (at - a->kernel) / a->stride + 1,
                    end < a->out ? end : a->out };
}

/* One pass: rows of pixels to rows of pixels, in pieces. */
typedef struct job {
  const ms_window_shape *s;
  const real *from, *place;
  real *to, *place_to;
  size_t rows, width;           /* of what is written, of one image */
  size_t from_rows, from_width; /* of what is read */
  size_t piece, pieces;
  void (*pixel)(const struct job *j, size_t image, size_t row, size_t column, real *to);
} job;

static void piece_of(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t row = chunk / j->pieces, first = chunk % j->pieces * j->piece;
  const size_t left = j->width - first, count = left < j->piece ? left : j->piece;
  real *to = j->to + (row * j->width + first) * j->s->channels;
  for (size_t q = first; q < first + count; q++, to += j->s->channels)
    j->pixel(j, row / j->rows, row % j->rows, q, to);
}

static void run(job *j)
{
  if (!j->s->channels || !j->rows || !j->width) return;
  j->piece = CHUNK_NUMBERS / j->s->channels + 1;
  j->pieces = (j->width + j->piece - 1) / j->piece;
  const size_t rows = j->s->n * j->rows;
  ms_parallel_of(rows * j->width * j->s->channels, rows * j->pieces, piece_of, j);
}

/* The first channel of a pixel that is read. */
static size_t pixel_at(const job *j, size_t image, size_t row, size_t column)
{
  return ((image * j->from_rows + row) * j->from_width + column) * j->s->channels;
}

static job to_windows(const ms_window_shape *s, const real *x, real *y)
{
  return (job){ .s = s, .from = x, .to = y, .rows = s->y.out, .width = s->x.out,
                .from_rows = s->y.size, .from_width = s->x.size };
}

static job to_places(const ms_window_shape *s, const real *gy, real *gx)
{
  return (job){ .s = s, .from = gy, .to = gx, .rows = s->y.size, .width = s->x.size,
                .from_rows = s->y.out, .from_width = s->x.out };
}

/* ---- the largest --------------------------------------------------------------------------- */
/* Where a place lies in its window. */
static size_t number_of(const ms_window_shape *s, size_t i, size_t q, size_t row, size_t column)
{
  const size_t a = row + s->y.pad - i * s->y.stride, b = column + s->x.pad - q * s->x.stride;
  return a * s->x.kernel + b;
}

MS_INLINE void max_channels(const job *j, size_t image, size_t i, size_t q, size_t c, size_t count,
                            real *to)
{
  const ms_window_shape *s = j->s;
  const stretch down = places_of(&s->y, i), across = places_of(&s->x, q);
  vec most = take(j->from + pixel_at(j, image, down.first, across.first) + c, count);
  lanes at = (lanes){ 0 } + (place)number_of(s, i, q, down.first, across.first);
  for (size_t row = down.first; row < down.end; row++)
    for (size_t k = across.first; k < across.end; k++) {
      const vec here = take(j->from + pixel_at(j, image, row, k) + c, count);
      const lanes new = takes(here, most);
      most = choose(new, here, most);
      at = choose_places(new, (place)number_of(s, i, q, row, k), at);
    }
  put(to + c, most, count);
  if (j->place_to) put(j->place_to + (to - j->to) + c, (vec)at, count);
}

static void max_pixel(const job *j, size_t image, size_t i, size_t q, real *to)
{
  const size_t channels = j->s->channels, whole = channels / MS_LANES * MS_LANES;
  for (size_t c = 0; c < whole; c += MS_LANES) max_channels(j, image, i, q, c, MS_LANES, to);
  if (whole < channels) max_channels(j, image, i, q, whole, channels - whole, to);
}

static void max_forward(const ms_window_shape *s, const real *x, real *y, real *places)
{
  job j = to_windows(s, x, y);
  j.place_to = places;
  j.pixel = max_pixel;
  run(&j);
}

MS_INLINE void max_back_channels(const job *j, size_t image, size_t row, size_t column, size_t c,
                                 size_t count, real *to)
{
  const ms_window_shape *s = j->s;
  const stretch down = windows_over(&s->y, row), across = windows_over(&s->x, column);
  vec sum = { 0 };
  for (size_t i = down.first; i < down.end; i++)
    for (size_t q = across.first; q < across.end; q++) {
      const size_t from = pixel_at(j, image, i, q) + c;
      const lanes at = (lanes)take(j->place + from, count);
      const lanes here = at == (lanes){ 0 } + (place)number_of(s, i, q, row, column);
      sum += choose(here, take(j->from + from, count), (vec){ 0 });
    }
  put(to + c, sum, count);
}

static void max_back_pixel(const job *j, size_t image, size_t row, size_t column, real *to)
{
  const size_t channels = j->s->channels, whole = channels / MS_LANES * MS_LANES;
  for (size_t c = 0; c < whole; c += MS_LANES)
    max_back_channels(j, image, row, column, c, MS_LANES, to);
  if (whole < channels) max_back_channels(j, image, row, column, whole, channels - whole, to);
}

static void max_back(const ms_window_shape *s, const real *gy, const real *places, real *gx)
{
  job j = to_places(s, gy, gx);
  j.place = places;
  j.pixel = max_back_pixel;
  run(&j);
}

/* ---- the mean -------------------------------------------------------------------------------- */
static size_t length(stretch s)
{
  return s.end - s.first;
}

/* What each number of window (i, q) counts in its mean. */
static real part_of(const ms_window_shape *s, size_t i, size_t q)
{
  if (s->border) return 1 / (real)(s->y.kernel * s->x.kernel);
  return 1 / (real)(length(places_of(&s->y, i)) * length(places_of(&s->x, q)));
}

/* Sums of `count` channels: in `real` over runs of places, in double over the runs. */
enum { BLOCK = 64, RUN = 64 };

static void end_run(real *sum, double *total, size_t count)
{
  for (size_t c = 0; c < count; c++) {
    total[c] += (double)sum[c];
    sum[c] = 0;
  }
}

static void mean_block(const job *j, size_t image, stretch down, stretch across, size_t first,
                       size_t count, real part, real *restrict to)
{
  real sum[BLOCK] = { 0 };
  double total[BLOCK] = { 0 };
  size_t run = 0;
  for (size_t row = down.first; row < down.end; row++)
    for (size_t k = across.first; k < across.end; k++) {
      const real *restrict x = j->from + pixel_at(j, image, row, k) + first;
      for (size_t c = 0; c < count; c++) sum[c] += x[c];
      if (++run < RUN) continue;
      end_run(sum, total, count);
      run = 0;
    }
  if (length(down) * length(across) >= RUN) {
    end_run(sum, total, count);
    for (size_t c = 0; c < count; c++) to[first + c] = (real)(total[c] * (double)part);
  } else {
    for (size_t c = 0; c < count; c++) to[first + c] = sum[c] * part;
  }
}

static void mean_pixel(const job *j, size_t image, size_t i, size_t q, real *to)
{
  const stretch down = places_of(&j->s->y, i), across = places_of(&j->s->x, q);
  const size_t channels = j->s->channels;
  const real part = part_of(j->s, i, q);
  for (size_t c = 0; c < channels; c += BLOCK)
    mean_block(j, image, down, across, c, channels - c < BLOCK ? channels - c : BLOCK, part, to);
}

static void mean_forward(const ms_window_shape *s, const real *x, real *y)
{
  job j = to_windows(s, x, y);
  j.pixel = mean_pixel;
  run(&j);
}

static void mean_back_pixel(const job *j, size_t image, size_t row, size_t column, real *to)
{
  const stretch down = windows_over(&j->s->y, row), across = windows_over(&j->s->x, column);
  const size_t channels = j->s->channels;
  for (size_t c = 0; c < channels; c++) to[c] = 0;
  for (size_t i = down.first; i < down.end; i++)
    for (size_t q = across.first; q < across.end; q++) {
      const real *restrict gy = j->from + pixel_at(j, image, i, q);
      const real part = part_of(j->s, i, q);
      for (size_t c = 0; c < channels; c++) to[c] += part * gy[c];
    }
}

static void mean_back(const ms_window_shape *s, const real *gy, real *gx)
{
  job j = to_places(s, gy, gx);
  j.pixel = mean_back_pixel;
  run(&j);
}

const ms_window_pooling_kernels MS_K(window_pooling) = {
  .max_forward = max_forward, .max_back = max_back, .mean_forward = mean_forward,
  .mean_back = mean_back,
};
