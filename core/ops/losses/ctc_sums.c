/* Connectionist temporal classification (Graves et al. 2006): the forward and backward sums over
   all alignments, in logarithms and doubles. The labels stand between blanks: blank, first label,
   blank, ..., blank. */
#include "ctc_sums.h"

#include <math.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"

static ms_scratch_key room_for_sums;

/* One sequence: places 0 .. 2 count of the labels with their blanks. */
typedef struct sequence {
  const ms_ctc *c;
  const real *y, *labels;
  size_t steps, places;
  double *before; /* steps x places: all ways from the start to here, this step's number in */
  double *after;  /* 2 x places: all ways from here to the end, without it */
} sequence;

static inline double sum2(double a, double b)
{
  const double most = a > b ? a : b;
  if (most == -(double)INFINITY) return most;
  return most + log1p(exp(-fabs(a - b)));
}

static inline double sum3(double a, double b, double c)
{
  const double most = a > b ? (a > c ? a : c) : (b > c ? b : c);
  if (most == -(double)INFINITY) return most;
  return most + log(exp(a - most) + exp(b - most) + exp(c - most));
}

/* The class of a place, from 0. */
static inline size_t class_at(const sequence *s, size_t place)
{
  return place % 2 ? (size_t)s->labels[place / 2] - 1 : s->c->blank;
}

static inline double number_at(const sequence *s, size_t step, size_t place)
{
  return (double)s->y[step * s->c->classes + class_at(s, place)];
}

/* Whether a way may go from place - 2 to place: past a blank, between two different labels. */
static inline int may_skip(const sequence *s, size_t place)
{
  return place % 2 && place >= 2 && class_at(s, place) != class_at(s, place - 2);
}

static void go_forward(const sequence *s)
{
  for (size_t p = 0; p < s->places; p++)
    s->before[p] = p < 2 ? number_at(s, 0, p) : -(double)INFINITY;
  for (size_t t = 1; t < s->steps; t++) {
    const double *old = s->before + (t - 1) * s->places;
    double *new = s->before + t * s->places;
    for (size_t p = 0; p < s->places; p++) {
      const double ways = !p              ? old[p]
                          : may_skip(s, p) ? sum3(old[p], old[p - 1], old[p - 2])
                                           : sum2(old[p], old[p - 1]);
      new[p] = ways + number_at(s, t, p);
    }
  }
}

/* The logarithm of the probability of the labels. */
static double total(const sequence *s)
{
  const double *last = s->before + (s->steps - 1) * s->places;
  return s->places > 1 ? sum2(last[s->places - 1], last[s->places - 2]) : last[0];
}

/* The ways after step t from those after step t + 1. */
static void go_back(const sequence *s, size_t t, const double *old, double *new)
{
  for (size_t p = 0; p < s->places; p++) {
    const double stay = old[p] + number_at(s, t + 1, p);
    const double next = p + 1 < s->places ? old[p + 1] + number_at(s, t + 1, p + 1) : 0;
    if (p + 1 == s->places) new[p] = stay;
    else if (p + 2 < s->places && may_skip(s, p + 2))
      new[p] = sum3(stay, next, old[p + 2] + number_at(s, t + 1, p + 2));
    else new[p] = sum2(stay, next);
  }
}

/* -1 times the probability that an alignment is at the place, added to the class there. */
static void add_gradient(const sequence *s, size_t t, const double *after, double all, real *g)
{
  for (size_t p = 0; p < s->places; p++)
    g[class_at(s, p)] -= (real)exp(s->before[t * s->places + p] + after[p] - all);
}

static void gradient(const sequence *s, double all, real *g)
{
  double *old = s->after, *new = s->after + s->places;
  for (size_t p = 0; p < s->places; p++) old[p] = p + 2 >= s->places ? 0 : -(double)INFINITY;
  for (size_t t = s->steps; t-- > 0;) {
    if (t + 1 < s->steps) {
      go_back(s, t, old, new);
      double *swap = old;
      old = new;
      new = swap;
    }
    add_gradient(s, t, old, all, g + t * s->c->classes);
  }
}

static void one(void *arg, size_t i)
{
  ms_ctc *c = arg;
  const size_t row = c->time * c->classes;
  sequence s = { .c = c, .y = c->y + i * row, .labels = c->labels + i * c->most,
                 .steps = c->steps ? (size_t)c->steps[i] : c->time,
                 .places = 2 * (c->counts ? (size_t)c->counts[i] : c->most) + 1 };
  s.before = ms_scratch(&room_for_sums, (s.steps + 2) * s.places * sizeof(double));
  if (!s.before) {
    c->failed = 1;
    return;
  }
  s.after = s.before + s.steps * s.places;
  go_forward(&s);
  const double all = total(&s);
  const int impossible = all == -(double)INFINITY;
  c->loss[i] = impossible && c->zero_infinity ? 0 : -all;
  if (!c->gradient) return;
  memset(c->gradient + i * row, 0, row * sizeof(real));
  if (!impossible || !c->zero_infinity) gradient(&s, all, c->gradient + i * row);
}

int ms_ctc_run(ms_ctc *c)
{
  ms_parallel_of(16 * c->batch * c->time * (2 * c->most + 1), c->batch, one, c);
  return c->failed ? ms_fail("ctc: no memory for the sums over alignments") : 0;
}
