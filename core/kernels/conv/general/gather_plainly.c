/* Convolutions number by number. Products of patches multiply the zeros around an image, which
   makes NaN where a factor is infinite: where one is, these loops take over, which read nothing
   outside. */
#include <string.h>

#include "../../../base/thread_pool.h"
#include "conv_gather.h"

typedef struct job {
  const ms_gather *j;
  real *gw;
} job;

/* The pixel that result (r, q) of an image reads under tap (a, b). */
static const real *pixel_at(const ms_gather *j, size_t image, size_t r, size_t q, size_t a,
                            size_t b)
{
  const ptrdiff_t i = (ptrdiff_t)(r * j->y.reads) + j->y.at + (ptrdiff_t)a * j->y.apart;
  const ptrdiff_t k = (ptrdiff_t)(q * j->x.reads) + j->x.at + (ptrdiff_t)b * j->x.apart;
  const size_t at = (image * j->from_h + (size_t)i) * j->from_w + (size_t)k;
  return j->from + at * j->groups * j->reads;
}

static void add_tap(const ms_gather *j, const real *x, size_t tap, real *y)
{
  for (size_t g = 0; g < j->groups; g++)
    for (size_t o = 0; o < j->gives; o++) {
      const real *w = j->weight + tap + g * j->group + o * j->give;
      real sum = 0;
      for (size_t c = 0; c < j->reads; c++) sum += x[g * j->reads + c] * w[c * j->read];
      y[g * j->gives + o] += sum;
    }
}

/* A chunk is a row of results. */
static void row(void *arg, size_t chunk)
{
  const ms_gather *j = ((const job *)arg)->j;
  const size_t r = chunk % j->y.count, image = chunk / j->y.count, wide = j->groups * j->gives;
  const ms_stretch down = ms_lattice_taps(&j->y, r);
  for (size_t q = 0; q < j->x.count; q++) {
    const size_t at = (image * j->to_h + j->y.first + r * j->y.step) * j->to_w + j->x.first;
    real *y = j->to + (at + q * j->x.step) * wide;
    const ms_stretch across = ms_lattice_taps(&j->x, q);
    for (size_t o = 0; o < wide; o++) y[o] = j->bias ? j->bias[o] : 0;
    for (size_t a = down.first; a < down.end; a++)
      for (size_t b = across.first; b < across.end; b++)
        add_tap(j, pixel_at(j, image, r, q, a, b), ms_gather_tap(j, a, b), y);
  }
}

int MS_K(gather_plainly)(const ms_gather *j)
{
  job k = { .j = j };
  ms_parallel(j->n * j->y.count, row, &k);
  return 0;
}

static real sum_over(const ms_gather *j, size_t a, size_t b, size_t x, size_t y)
{
  const ms_stretch down = ms_lattice_results(&j->y, a), across = ms_lattice_results(&j->x, b);
  real sum = 0;
  for (size_t image = 0; image < j->n; image++)
    for (size_t r = down.first; r < down.end; r++)
      for (size_t q = across.first; q < across.end; q++)
        sum += pixel_at(j, image, r, q, a, b)[x] *
               j->to[((image * j->to_h + r) * j->to_w + q) * j->groups * j->gives + y];
  return sum;
}

/* A chunk is a tap. */
static void tap(void *arg, size_t t)
{
  const job *k = arg;
  const ms_gather *j = k->j;
  for (size_t g = 0; g < j->groups; g++)
    for (size_t c = 0; c < j->reads; c++)
      for (size_t o = 0; o < j->gives; o++)
        k->gw[t * j->tap + g * j->group + c * j->read + o * j->give] =
            sum_over(j, t / j->x.taps, t % j->x.taps, g * j->reads + c, g * j->gives + o);
}

int MS_K(weight_plainly)(const ms_gather *j, real *gw)
{
  job k = { .j = j, .gw = gw };
  ms_parallel(j->y.taps * j->x.taps, tap, &k);
  return 0;
}
