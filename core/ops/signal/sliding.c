/* Convolutions of rows with taps, by sums or by transforms: a row is cut into pieces of outputs,
   each with the samples that it needs (overlap-save). */
#include "sliding.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../../audio/spectrum/fft_lines.h"
#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../kernels/signal/fir.h"

enum { PIECE = 1 << 13 };

/* The samples from..from+n-1 of a row that has nx; zeros where it has none. */
static void cut(const real *x, size_t nx, ptrdiff_t from, size_t n, real *to)
{
  const ptrdiff_t end = from + (ptrdiff_t)n;
  const ptrdiff_t first = from < 0 ? 0 : from, last = end < (ptrdiff_t)nx ? end : (ptrdiff_t)nx;
  if (last <= first) {
    memset(to, 0, n * sizeof *to);
    return;
  }
  memset(to, 0, (size_t)(first - from) * sizeof *to);
  memcpy(to + (first - from), x + first, (size_t)(last - first) * sizeof *to);
  memset(to + (last - from), 0, (size_t)(end - last) * sizeof *to);
}

/* ---- sums --------------------------------------------------------------- */
typedef struct direct {
  const ms_sliding *s;
  size_t pieces; /* of a row */
  atomic_int failed;
} direct;

static void direct_piece(void *arg, size_t chunk)
{
  direct *d = arg;
  const ms_sliding *s = d->s;
  const size_t row = chunk / d->pieces, first = chunk % d->pieces * PIECE;
  const size_t n = s->ny - first < PIECE ? s->ny - first : PIECE;
  const real *h = s->h + s->h_of[row] * s->nh;
  real *room = ms_alloc((n + 2 * s->nh) * sizeof *room);
  if (!room) {
    atomic_store(&d->failed, 1);
    return;
  }
  real *taps = room + n + s->nh;
  cut(s->x + s->x_of[row] * s->nx, s->nx,
      (ptrdiff_t)first + s->offset - (ptrdiff_t)(s->nh - 1), n + s->nh - 1, room);
  for (size_t j = 0; j < s->nh; j++) taps[j] = s->reversed ? h[j] : h[s->nh - 1 - j];
  ms_k_fir()->slide(room, taps, s->nh, s->y + row * s->ny + first, n);
  ms_free(room);
}

static int run_direct(const ms_sliding *s)
{
  direct d = { .s = s, .pieces = (s->ny + PIECE - 1) / PIECE };
  ms_parallel(s->rows * d.pieces, direct_piece, &d);
  return atomic_load(&d.failed) ? ms_fail("convolve: no memory for the taps") : 0;
}

/* ---- transforms ------------------------------------------------------------ */
/* A size 2^a 3^b 5^c, n or more. */
static size_t fast_size(size_t n)
{
  for (;; n++) {
    size_t rest = n;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    if (rest == 1) return n;
  }
}

/* Nanoseconds, roughly: FFTW is slower off powers of two and beyond the caches. */
static double cost_of(size_t n, size_t nh, size_t ny)
{
  const double pieces = ceil((double)ny / (double)(n - nh + 1));
  const double point = 0.14 * log2((double)n) * (n & (n - 1) ? 1.4 : 1) * (n > 16384 ? 1.3 : 1);
  return pieces * (double)n * (2 * point + 2);
}

/* The size of the transforms: all at once, or pieces of 2, 4, 8, ... times the taps. */
static size_t choose(size_t nh, size_t ny, double *cost)
{
  size_t best = fast_size(nh + ny - 1);
  *cost = cost_of(best, nh, ny);
  for (size_t n = 64; n < best; n *= 2) {
    if (n < 2 * nh) continue;
    const double c = cost_of(n, nh, ny);
    if (c < *cost) *cost = c, best = n;
  }
  return best;
}

typedef struct pieces {
  const ms_sliding *s;
  size_t n, bins, step, count; /* of the transform; outputs of a piece; pieces of a row */
  real *waves, *spectra, *taps;
} pieces;

static void cut_piece(void *arg, size_t chunk)
{
  const pieces *p = arg;
  const ms_sliding *s = p->s;
  const size_t row = chunk / p->count, first = chunk % p->count * p->step;
  cut(s->x + s->x_of[row] * s->nx, s->nx,
      (ptrdiff_t)first + s->offset - (ptrdiff_t)(s->nh - 1), p->n, p->waves + chunk * p->n);
}

static void multiply_piece(void *arg, size_t chunk)
{
  const pieces *p = arg;
  const size_t row = chunk / p->count;
  const real *h = p->taps + p->s->h_of[row] * p->bins * 2;
  real *x = p->spectra + chunk * p->bins * 2;
  for (size_t k = 0; k < p->bins; k++) {
    const real a = x[2 * k], b = x[2 * k + 1], c = h[2 * k], d = h[2 * k + 1];
    x[2 * k] = a * c - b * d;
    x[2 * k + 1] = a * d + b * c;
  }
}

static void store_piece(void *arg, size_t chunk)
{
  const pieces *p = arg;
  const ms_sliding *s = p->s;
  const size_t row = chunk / p->count, first = chunk % p->count * p->step;
  const size_t n = s->ny - first < p->step ? s->ny - first : p->step;
  memcpy(s->y + row * s->ny + first, p->waves + chunk * p->n + s->nh - 1, n * sizeof(real));
}

/* The spectra of the taps, `lines` of them, through `waves` as room. */
static int transform_taps(const pieces *p, size_t lines)
{
  const ms_sliding *s = p->s;
  const ms_line l = { MS_LINE_REAL, p->n, 1, 1, 1 };
  real *turned = s->reversed ? ms_alloc(lines * s->nh * sizeof *turned) : NULL;
  if (s->reversed && !turned) return -1;
  for (size_t i = 0; s->reversed && i < lines * s->nh; i++)
    turned[i] = s->h[i / s->nh * s->nh + s->nh - 1 - i % s->nh];
  const int status = ms_line_run(&l, turned ? turned : s->h, s->nh, p->taps, p->bins, lines, 1);
  ms_free(turned);
  return status;
}

static int run_pieces(pieces *p, size_t lines)
{
  const size_t all = p->s->rows * p->count;
  const double scale = 1 / (double)p->n;
  const ms_line there = { MS_LINE_REAL, p->n, 1, 1, 1 };
  const ms_line back = { MS_LINE_HALF, p->n, scale, scale, scale };
  if (transform_taps(p, lines) != 0) return -1;
  ms_parallel(all, cut_piece, p);
  if (ms_line_run(&there, p->waves, p->n, p->spectra, p->bins, all, 1) != 0) return -1;
  ms_parallel(all, multiply_piece, p);
  if (ms_line_run(&back, p->spectra, p->bins, p->waves, p->n, all, 1) != 0) return -1;
  ms_parallel(all, store_piece, p);
  return 0;
}

static int run_fft(const ms_sliding *s, size_t n)
{
  size_t lines = 0;
  for (size_t r = 0; r < s->rows; r++) lines = s->h_of[r] + 1 > lines ? s->h_of[r] + 1 : lines;
  pieces p = { .s = s, .n = n, .bins = n / 2 + 1, .step = n - s->nh + 1 };
  p.count = (s->ny + p.step - 1) / p.step;
  p.waves = ms_alloc(s->rows * p.count * n * sizeof(real));
  p.spectra = p.waves ? ms_alloc(s->rows * p.count * p.bins * 2 * sizeof(real)) : NULL;
  p.taps = p.spectra ? ms_alloc(lines * p.bins * 2 * sizeof(real)) : NULL;
  const int status = p.taps ? run_pieces(&p, lines) : -1;
  ms_free(p.waves);
  ms_free(p.spectra);
  ms_free(p.taps);
  return status;
}

int ms_slide(const ms_sliding *s)
{
  double cost;
  if (!s->rows || !s->ny || !s->nh) return 0;
  const size_t n = choose(s->nh, s->ny, &cost);
  const double sums = 0.035 * (double)s->nh * (double)s->ny;
  const int faster = s->method == MS_SLIDING_AUTO && sums < cost;
  return s->method == MS_SLIDING_DIRECT || faster ? run_direct(s) : run_fft(s, n);
}
