/* Cosine transforms of an even number of points by the transform of as many real numbers, after
   Makhoul (1980): the even points in front, then the odd ones backwards, and each bin turned. */
#include "fft_cosines.h"

#include <math.h>
#include <stdlib.h>

#include "../../base/memory.h"
#include "fft_line_job.h"

real *ms_cosine_turns(size_t n)
{
  real *turns = malloc((n + 2) * sizeof *turns);
  for (size_t k = 0; turns && k <= n / 2; k++) {
    const double angle = acos(-1.0) * (double)k / (double)(2 * n);
    turns[2 * k] = (real)cos(angle);
    turns[2 * k + 1] = (real)sin(angle);
  }
  return turns;
}

/* Where point p of a line stands among the points that are transformed. */
static inline size_t place_of(size_t p, size_t n)
{
  return p % 2 ? n - 1 - p / 2 : p / 2;
}

/* Numbers of a tensor's line that the transform has, and the line itself. */
typedef struct line {
  size_t n, there, step;
} line;

static line line_of(const ms_line_job *j, int out)
{
  const ms_line_side s = ms_line_side_of(j, out);
  return (line){ s.points, s.points < s.there ? s.points : s.there, j->inner };
}

/* ---- type 2 ----------------------------------------------------------------------------- */
static void load_points(const real *x, line l, real *to)
{
  for (size_t p = 0; p < l.there; p++) to[place_of(p, l.n)] = x[p * l.step];
  for (size_t p = l.there; p < l.n; p++) to[place_of(p, l.n)] = 0;
}

/* Bins k and n - k of z, the spectrum (n / 2 + 1, 2). */
static void store_bins(const ms_line_job *j, const real *z, line l, size_t all, real *y)
{
  const real first = (real)(2 * j->l.first), inner = (real)(2 * j->l.inner);
  for (size_t k = 0; k <= l.n / 2; k++) {
    const real c = j->turns[2 * k], s = j->turns[2 * k + 1], w = k ? inner : first;
    const real re = z[2 * k], im = z[2 * k + 1];
    if (k && l.n - k < l.there) y[(l.n - k) * l.step] = w * (re * s - im * c);
    if (k < l.there) y[k * l.step] = w * (re * c + im * s);
  }
  for (size_t p = l.there; p < all; p++) y[p * l.step] = 0;
}

/* ---- type 3 ----------------------------------------------------------------------------- */
static real bin(const ms_line_job *j, const real *x, line l, size_t k)
{
  if (k >= l.there) return 0;
  return x[k * l.step] * (real)(k ? j->l.inner : j->l.first);
}

static void load_bins(const ms_line_job *j, const real *x, line l, real *z)
{
  for (size_t k = 0; k <= l.n / 2; k++) {
    const real c = j->turns[2 * k], s = j->turns[2 * k + 1];
    const real a = bin(j, x, l, k), b = k ? bin(j, x, l, l.n - k) : 0;
    z[2 * k] = c * a + s * b;
    z[2 * k + 1] = s * a - c * b;
  }
}

static void store_points(const real *from, line l, size_t all, real *y)
{
  for (size_t p = 0; p < l.there; p++) y[p * l.step] = from[place_of(p, l.n)];
  for (size_t p = l.there; p < all; p++) y[p * l.step] = 0;
}

/* ---- some lines ------------------------------------------------------------------------- */
/* The transform of `lines` lines that lie in `from` side by side; -1 where there is no memory. */
static int transform(const ms_line_job *j, size_t lines, const real *from, real *to)
{
  const int back = j->l.kind == MS_LINE_COSINE3;
  const size_t n = j->l.n, bins = n / 2 + 1;
  ms_line_job real_lines = {
    .l = { back ? MS_LINE_HALF : MS_LINE_REAL, n, 1, 1, 1 }, .lanes = j->lanes, .x = from,
    .y = to, .nx = back ? bins : n, .ny = back ? n : bins, .inner = 1, .lines = lines,
  };
  ms_line_lanes(&real_lines, 0);
  return atomic_load(&real_lines.failed) ? -1 : 0;
}

void ms_line_cosines(void *arg, size_t chunk)
{
  ms_line_job *j = arg;
  const int back = j->l.kind == MS_LINE_COSINE3;
  const size_t lanes = ms_k_fft_lanes()->lanes, first = chunk * lanes, pitch = j->l.n + 2;
  const size_t lines = j->lines - first < lanes ? j->lines - first : lanes;
  const ms_line_side in = ms_line_side_of(j, 0), out = ms_line_side_of(j, 1);
  const size_t step = back ? pitch : j->l.n, to_step = back ? j->l.n : pitch;
  real *from = ms_alloc(2 * lanes * pitch * sizeof *from), *to = from + lanes * pitch;
  for (size_t r = 0; from && r < lines; r++) {
    const real *x = j->x + ms_line_begin(j, &in, first + r);
    if (back) load_bins(j, x, line_of(j, 0), from + r * step);
    else load_points(x, line_of(j, 0), from + r * step);
  }
  if (!from || transform(j, lines, from, to) != 0) atomic_store(&j->failed, 1);
  else
    for (size_t r = 0; r < lines; r++) {
      real *y = j->y + ms_line_begin(j, &out, first + r);
      if (back) store_points(to + r * to_step, line_of(j, 1), out.there, y);
      else store_bins(j, to + r * to_step, line_of(j, 1), out.there, y);
    }
  ms_free(from);
}
