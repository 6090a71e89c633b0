/* How far a recording is tuned from A = 440 Hz. */
#include "tuning.h"

#include <math.h>
#include <stdlib.h>

#include "../../base/error.h"

static const double LOWEST = 150, HIGHEST = 4000, THRESHOLD = 0.1, OCTAVE_0 = 27.5; /* Hz, A0 */

typedef struct peak {
  double hertz, magnitude;
} peak;

typedef struct peaks {
  peak *list;
  size_t count, room;
} peaks;

static int add(peaks *p, peak one)
{
  if (p->count == p->room) {
    const size_t room = p->room ? 2 * p->room : 1024;
    peak *more = realloc(p->list, room * sizeof *more);
    if (!more) return ms_fail("no memory for %zu peaks", room);
    p->list = more;
    p->room = room;
  }
  p->list[p->count++] = one;
  return 0;
}

/* Bin k of a frame as a peak: a parabola through it and both neighbours. */
static peak peak_at(const real *s, size_t bins, size_t k, double hertz)
{
  double slope = k == bins - 1 ? (double)s[k] - s[k - 1] : ((double)s[k + 1] - s[k - 1]) / 2;
  double shift = 0;
  if (k < bins - 1) {
    const double bend = (double)s[k + 1] + s[k - 1] - 2 * (double)s[k];
    if (fabs(slope) < fabs(bend)) shift = -slope / bend;
  }
  return (peak){ ((double)k + shift) * hertz, s[k] + 0.5 * slope * shift };
}

/* The magnitude, or 0 where it is not above the least. */
static double above(real x, double least)
{
  return x > least ? (double)x : 0;
}

static int peaks_of_frame(const real *s, size_t bins, double hertz, double rate, peaks *p)
{
  const double highest = fmin(HIGHEST, rate / 2);
  double most = 0;
  for (size_t k = 0; k < bins; k++) most = fmax(most, s[k]);
  const double least = THRESHOLD * most;
  for (size_t k = 1; k < bins; k++) {
    const double f = (double)k * hertz, x = above(s[k], least);
    if (f < LOWEST || f >= highest || !(x > above(s[k - 1], least))) continue;
    if (k < bins - 1 && !(x >= above(s[k + 1], least))) continue;
    if (add(p, peak_at(s, bins, k, hertz)) != 0) return -1;
  }
  return 0;
}

static int by_value(const void *x, const void *y)
{
  const double a = *(const double *)x, b = *(const double *)y;
  return a < b ? -1 : a > b;
}

/* The median of the magnitudes; NaN and a message where memory ends. */
static double median(const peaks *p)
{
  double *list = malloc(p->count * sizeof *list);
  if (!list) return ms_fail("no memory for %zu peaks", p->count), (double)NAN;
  for (size_t i = 0; i < p->count; i++) list[i] = p->list[i].magnitude;
  qsort(list, p->count, sizeof *list, by_value);
  const double middle = (list[p->count / 2] + list[(p->count - 1) / 2]) / 2;
  free(list);
  return middle;
}

/* The lower edge of the fullest of the slots that -0.5..0.5 is cut into. */
static int commonest(const peaks *p, double least, double steps, double resolution, double *tuning)
{
  const size_t slots = (size_t)ceil(1 / resolution);
  size_t *count = calloc(slots, sizeof *count), best = 0;
  if (!count) return ms_fail("no memory for %zu slots", slots);
  for (size_t i = 0; i < p->count; i++) {
    if (!(p->list[i].magnitude >= least) || !(p->list[i].hertz > 0)) continue;
    double off = steps * log2(p->list[i].hertz / OCTAVE_0);
    off -= floor(off);
    if (off >= 0.5) off -= 1;
    const double slot = (off + 0.5) * (double)slots;
    if (slot >= 0 && slot < (double)slots) count[(size_t)slot]++;
  }
  for (size_t k = 1; k < slots; k++)
    if (count[k] > count[best]) best = k;
  *tuning = count[best] ? -0.5 + (double)best / (double)slots : 0;
  free(count);
  return 0;
}

int ms_tuning(const real *magnitudes, size_t frames, size_t bins, double rate, double steps,
              double resolution, double *tuning)
{
  peaks p = { 0 };
  const double hertz = rate / (double)(2 * (bins - 1));
  int status = 0;
  *tuning = 0;
  for (size_t t = 0; status == 0 && t < frames; t++)
    status = peaks_of_frame(magnitudes + t * bins, bins, hertz, rate, &p);
  if (status == 0 && p.count) {
    const double least = median(&p);
    status = least == least ? commonest(&p, least, steps, resolution, tuning) : -1;
  }
  free(p.list);
  return status;
}
