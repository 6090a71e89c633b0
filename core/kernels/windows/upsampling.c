/* Images at other sizes, a pixel at a time; backward gathers, as forward does. */
#include "upsampling.h"

#include <string.h>

#include "../../base/thread_pool.h"
#include "../simd/isa.h"

enum { CHUNK_NUMBERS = 1 << 15 };

typedef struct job {
  const ms_upsample_shape *s;
  const real *from;
  real *to;
  size_t rows, width, from_rows, from_width, piece, pieces;
  void (*pixel)(const struct job *j, const real *image, size_t row, size_t column, real *to);
} job;

static void piece_of(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t row = chunk / j->pieces, first = chunk % j->pieces * j->piece;
  const size_t left = j->width - first, count = left < j->piece ? left : j->piece;
  const size_t c = j->s->channels;
  const real *image = j->from + row / j->rows * j->from_rows * j->from_width * c;
  for (size_t q = first; q < first + count; q++)
    j->pixel(j, image, row % j->rows, q, j->to + (row * j->width + q) * c);
}

static void run(job *j)
{
  if (!j->s->channels || !j->rows || !j->width) return;
  j->piece = CHUNK_NUMBERS / j->s->channels + 1;
  j->pieces = (j->width + j->piece - 1) / j->piece;
  const size_t rows = j->s->n * j->rows;
  ms_parallel_of(rows * j->width * j->s->channels, rows * j->pieces, piece_of, j);
}

/* to = a x + b next, or x alone. */
static void between(const real *restrict x, size_t step, real part, size_t count,
                    real *restrict to)
{
  if (part == 0) {
    memcpy(to, x, count * sizeof *to);
    return;
  }
  for (size_t c = 0; c < count; c++) to[c] = (1 - part) * x[c] + part * x[c + step];
}

static void pixel(const job *j, const real *image, size_t i, size_t q, real *restrict to)
{
  const ms_upsample_axis *y = &j->s->y, *x = &j->s->x;
  const size_t c = j->s->channels, line = j->from_width * c;
  const real *restrict from = image + y->low[i] * line + x->low[q] * c;
  const real down = y->part[i], across = x->part[q];
  if (down == 0 || across == 0) {
    between(from, down == 0 ? c : line, down == 0 ? across : down, c, to);
    return;
  }
  const real a = (1 - down) * (1 - across), b = (1 - down) * across, d = down * (1 - across);
  const real e = down * across;
  for (size_t k = 0; k < c; k++)
    to[k] = a * from[k] + b * from[k + c] + d * from[k + line] + e * from[k + line + c];
}

static void forward(const ms_upsample_shape *s, const real *x, real *y)
{
  job j = { .s = s, .from = x, .to = y, .rows = s->y.out, .width = s->x.out,
            .from_rows = s->y.size, .from_width = s->x.size, .pixel = pixel };
  run(&j);
}

/* What place p of x counts in place i of y. */
static real share(const ms_upsample_axis *a, size_t i, size_t p)
{
  return a->low[i] == p ? 1 - a->part[i] : a->part[i];
}

static void back_pixel(const job *j, const real *image, size_t row, size_t column,
                       real *restrict to)
{
  const ms_upsample_axis *y = &j->s->y, *x = &j->s->x;
  const size_t c = j->s->channels;
  for (size_t k = 0; k < c; k++) to[k] = 0;
  for (size_t i = y->first[row]; i < y->end[row]; i++)
    for (size_t q = x->first[column]; q < x->end[column]; q++) {
      const real part = share(y, i, row) * share(x, q, column);
      const real *restrict gy = image + (i * j->from_width + q) * c;
      if (part == 0) continue;
      for (size_t k = 0; k < c; k++) to[k] += part * gy[k];
    }
}

static void back(const ms_upsample_shape *s, const real *gy, real *gx)
{
  job j = { .s = s, .from = gy, .to = gx, .rows = s->y.size, .width = s->x.size,
            .from_rows = s->y.out, .from_width = s->x.out, .pixel = back_pixel };
  run(&j);
}

const ms_upsampling_kernels MS_K(upsampling) = { .forward = forward, .back = back };
