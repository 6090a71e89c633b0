/* Connectionist temporal classification (Graves et al. 2006): the forward and backward sums over
   all alignments, in logarithms. The labels stand between blanks: blank, first label, blank, ...,
   blank. Logarithms are doubles; what is added to the largest of a sum is a number of the tensors'
   precision. Loops go over all places side by side; two places beyond either end, which nothing
   reaches, stand for what is not there. */
#include "ctc_sums.h"

#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/isa.h"
#include "../simd/vmath.h"

enum { BEYOND = 2 };
static const double NEVER = -(double)INFINITY, LEAST = -1e300;

static ms_scratch_key room_for_sums, room_for_classes;

/* One sequence: places 0 .. 2 count of the labels with their blanks. */
typedef struct sequence {
  const ms_ctc *c;
  const real *y, *labels;
  size_t steps, places, pitch; /* pitch: places with those beyond */
  size_t *class; /* places: from 0 */
  double *skips; /* places, from 2 before the first: 0 where a way may come from 2 places before:
                    past a blank, between two different labels; NEVER elsewhere */
  double *now;   /* places: a step's numbers */
  double *after; /* 2 x places: all ways from here to the end, without this step's number */
  double *before; /* steps x places: all ways from the start to here, with it */
} sequence;

/* ln(e^a + e^b + e^c) */
static inline double sum3(double a, double b, double c)
{
  double most = a > b ? a : b;
  most = c > most ? c : most;
  most = most > LEAST ? most : LEAST;
  const real from_a = ms_vexp((real)(a - most)), from_b = ms_vexp((real)(b - most));
  return most + (double)ms_vlog(from_a + from_b + ms_vexp((real)(c - most)));
}

/* ---- a sequence's places ------------------------------------------------------------------- */
static double *places_of(double **room, const sequence *s)
{
  double *here = *room + BEYOND;
  *room += s->pitch;
  for (size_t p = 0; p < BEYOND; p++) here[s->places + p] = *(here - 1 - p) = NEVER;
  return here;
}

static int make_room(sequence *s)
{
  s->pitch = s->places + 2 * BEYOND;
  double *room = ms_scratch(&room_for_sums, (s->steps + 4) * s->pitch * sizeof *room);
  s->class = ms_scratch(&room_for_classes, s->places * sizeof *s->class);
  if (!room || !s->class) return -1;
  s->skips = places_of(&room, s);
  s->now = places_of(&room, s);
  s->after = places_of(&room, s);
  places_of(&room, s);
  s->before = room + BEYOND;
  for (size_t t = 0; t < s->steps; t++) places_of(&room, s);
  return 0;
}

static void fill_places(const sequence *s)
{
  for (size_t p = 0; p < s->places; p++)
    s->class[p] = p % 2 ? (size_t)s->labels[p / 2] - 1 : s->c->blank;
  for (size_t p = 0; p < s->places; p++)
    s->skips[p] = p % 2 && p > 2 && s->class[p] != s->class[p - 2] ? 0 : NEVER;
}

static void take_numbers(const sequence *s, size_t t)
{
  const real *y = s->y + t * s->c->classes;
  for (size_t p = 0; p < s->places; p++) s->now[p] = (double)y[s->class[p]];
}

/* ---- forward ------------------------------------------------------------------------------- */
static void step_forward(const sequence *s, const double *restrict old, double *restrict new)
{
  const double *restrict skips = s->skips, *restrict now = s->now;
  for (size_t p = 0; p < s->places; p++)
    new[p] = sum3(old[p], *(old + p - 1), *(old + p - 2) + skips[p]) + now[p];
}

static void go_forward(const sequence *s)
{
  take_numbers(s, 0);
  for (size_t p = 0; p < s->places; p++) s->before[p] = p < 2 ? s->now[p] : NEVER;
  for (size_t t = 1; t < s->steps; t++) {
    take_numbers(s, t);
    step_forward(s, s->before + (t - 1) * s->pitch, s->before + t * s->pitch);
  }
}

/* The logarithm of the probability of the labels. */
static double total(const sequence *s)
{
  const double *end = s->before + (s->steps - 1) * s->pitch + s->places;
  return s->places > 1 ? sum3(*(end - 1), *(end - 2), NEVER) : *(end - 1);
}

/* ---- back ---------------------------------------------------------------------------------- */
/* The ways after a step from those after the next one, whose numbers stand in now. */
static void step_back(const sequence *s, double *restrict old, double *restrict new)
{
  const double *restrict skips = s->skips, *restrict now = s->now;
  for (size_t p = 0; p < s->places; p++) old[p] += now[p];
  for (size_t p = 0; p < s->places; p++)
    new[p] = sum3(old[p], old[p + 1], old[p + 2] + skips[p + 2]);
}

/* -1 times the probability that an alignment is at the place, added to the class there. */
static void add_gradient(const sequence *s, size_t t, const double *after, double all, real *g)
{
  const double *restrict before = s->before + t * s->pitch, *restrict behind = after;
  double *restrict share = s->now;
  real blank = 0;
  for (size_t p = 0; p < s->places; p++)
    share[p] = (double)ms_vexp((real)(before[p] + behind[p] - all));
  for (size_t p = 0; p < s->places; p += 2) blank += (real)share[p];
  g[s->c->blank] = -blank;
  for (size_t p = 1; p < s->places; p += 2) g[s->class[p]] -= (real)share[p];
}

static void gradient(const sequence *s, double all, real *g)
{
  double *old = s->after, *new = old + s->pitch;
  for (size_t p = 0; p < s->places; p++) old[p] = p + 2 >= s->places ? 0 : NEVER;
  for (size_t t = s->steps; t-- > 0;) {
    if (t + 1 < s->steps) {
      take_numbers(s, t + 1);
      step_back(s, old, new);
      double *swap = old;
      old = new;
      new = swap;
    }
    add_gradient(s, t, old, all, g + t * s->c->classes);
  }
}

/* ---- all sequences --------------------------------------------------------------------------- */
static void one(void *arg, size_t i)
{
  ms_ctc *c = arg;
  const size_t row = c->time * c->classes;
  sequence s = { .c = c, .y = c->y + i * row, .labels = c->labels + i * c->most,
                 .steps = c->steps ? (size_t)c->steps[i] : c->time,
                 .places = 2 * (c->counts ? (size_t)c->counts[i] : c->most) + 1 };
  if (make_room(&s) != 0) {
    c->failed = 1;
    return;
  }
  fill_places(&s);
  go_forward(&s);
  const double all = total(&s);
  const int impossible = all == NEVER;
  c->loss[i] = impossible && c->zero_infinity ? 0 : -all;
  if (!c->gradient) return;
  memset(c->gradient + i * row, 0, row * sizeof(real));
  if (!impossible || !c->zero_infinity) gradient(&s, all, c->gradient + i * row);
}

static int run(ms_ctc *c)
{
  ms_parallel_of(8 * c->batch * c->time * (2 * c->most + 1), c->batch, one, c);
  return c->failed ? ms_fail("ctc: no memory for the sums over alignments") : 0;
}

const ms_ctc_sums_kernels MS_K(ctc_sums) = { .run = run };
