/* The phases of convolutions with any stride, dilation and groups, and the patches they read. */
#include "conv_gather.h"

#include <string.h>


ms_gather MS_K(gather_forward)(const ms_general_shape *g, const real *x, const real *weight,
                               const real *bias, real *y)
{
  const ms_conv_shape *s = &g->s;
  return (ms_gather){
    .y = ms_lattice_forward(s->h, s->kh, s->sh, g->dh, s->ph, s->oh),
    .x = ms_lattice_forward(s->w, s->kw, s->sw, g->dw, s->pw, s->ow),
    .n = s->n, .groups = g->groups, .from = x, .from_h = s->h, .from_w = s->w,
    .reads = s->cin / g->groups, .to = y, .to_h = s->oh, .to_w = s->ow,
    .gives = s->cout / g->groups, .weight = weight, .tap = g->tap, .row_taps = s->kw,
    .group = g->group, .read = g->in, .give = g->out, .bias = bias };
}

ms_gather MS_K(gather_back)(const ms_general_shape *g, const real *weight, const real *gy,
                            const real *bias, real *gx, size_t r, size_t q)
{
  const ms_conv_shape *s = &g->s;
  return (ms_gather){
    .y = ms_lattice_back(s->h, s->kh, s->sh, g->dh, s->ph, s->oh, r),
    .x = ms_lattice_back(s->w, s->kw, s->sw, g->dw, s->pw, s->ow, q),
    .n = s->n, .groups = g->groups, .from = gy, .from_h = s->oh, .from_w = s->ow,
    .reads = s->cout / g->groups, .to = gx, .to_h = s->h, .to_w = s->w,
    .gives = s->cin / g->groups, .weight = weight, .tap = g->tap, .row_taps = s->kw,
    .group = g->group, .read = g->out, .give = g->in, .bias = bias };
}

/* What one result reads of one row: `taps` runs of `count` numbers. */
static void patch_row(const ms_lattice *l, size_t i, const real *row, size_t pixel, size_t count,
                      real *restrict to)
{
  const ms_stretch t = ms_lattice_taps(l, i);
  const ptrdiff_t start = (ptrdiff_t)(i * l->reads) + l->at;
  memset(to, 0, t.first * count * sizeof *to);
  for (size_t k = t.first; k < t.end; k++) {
    const real *restrict x = row + (start + (ptrdiff_t)k * l->apart) * (ptrdiff_t)pixel;
    for (size_t c = 0; c < count; c++) to[k * count + c] = x[c];
  }
  memset(to + t.end * count, 0, (l->taps - t.end) * count * sizeof *to);
}

/* Neighbouring taps read neighbouring pixels, whole: one run. */
static void patch_run(const ms_lattice *l, size_t i, const real *row, size_t pixel, real *to)
{
  const ms_stretch t = ms_lattice_taps(l, i);
  const ptrdiff_t start = (ptrdiff_t)(i * l->reads) + l->at + (ptrdiff_t)t.first;
  memset(to, 0, t.first * pixel * sizeof *to);
  if (t.end > t.first)
    memcpy(to + t.first * pixel, row + start * (ptrdiff_t)pixel,
           (t.end - t.first) * pixel * sizeof *to);
  memset(to + t.end * pixel, 0, (l->taps - t.end) * pixel * sizeof *to);
}

void MS_K(gather_patches)(const ms_gather *j, size_t group, size_t first, size_t count, real *to)
{
  const size_t line = j->x.taps * j->reads, pixel = j->groups * j->reads;
  const int joined = j->groups == 1 && j->x.apart == 1;
  for (size_t p = first; p < first + count; p++, to += j->y.taps * line) {
    const size_t q = p % j->x.count, r = p / j->x.count % j->y.count;
    const real *image = j->from + p / j->x.count / j->y.count * j->from_h * j->from_w * pixel;
    const ms_stretch t = ms_lattice_taps(&j->y, r);
    memset(to, 0, t.first * line * sizeof *to);
    memset(to + t.end * line, 0, (j->y.taps - t.end) * line * sizeof *to);
    for (size_t a = t.first; a < t.end; a++) {
      const ptrdiff_t at = (ptrdiff_t)(r * j->y.reads) + j->y.at + (ptrdiff_t)a * j->y.apart;
      const real *row = image + (size_t)at * j->from_w * pixel + group * j->reads;
      if (joined) patch_run(&j->x, q, row, pixel, to + a * line);
      else patch_row(&j->x, q, row, pixel, j->reads, to + a * line);
    }
  }
}
