/* The filters' normal equations: Toeplitz blocks of the references' correlations. */
#include "projection.h"

#include <float.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "../kernels/lapack/lapack_double.h"
#include "correlation.h"

typedef struct equations {
  size_t signals, taps;
  const double *reference; /* correlations (signals, signals, lags) */
  const double *estimate;  /* (signals, signals of the estimates, lags) */
  double *matrix;
  int *pivot;
} equations;

static const double *lags_of(const double *sums, size_t signals, size_t i, size_t k, size_t taps)
{
  return sums + (i * signals + k) * (2 * taps - 1) + taps - 1;
}

/* The matrix of `count` references from `first` on: rows (signal, delay), columns the same. */
static void fill_matrix(const equations *e, size_t first, size_t count)
{
  const size_t n = count * e->taps;
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < count; k++) {
      const double *r = lags_of(e->reference, e->signals, first + i, first + k, e->taps);
      for (size_t a = 0; a < e->taps; a++)
        for (size_t b = 0; b < e->taps; b++)
          e->matrix[(i * e->taps + a) * n + k * e->taps + b] = r[(ptrdiff_t)a - (ptrdiff_t)b];
    }
  for (size_t a = 0; a < n; a++) e->matrix[a * n + a] += DBL_EPSILON;
}

/* Right sides, which become filters: `columns` estimates from `from` on, a row each. */
static void fill_sides(const equations *e, size_t first, size_t count, size_t from, size_t columns,
                       double *x)
{
  for (size_t c = 0; c < columns; c++)
    for (size_t i = 0; i < count; i++) {
      const double *d = lags_of(e->estimate, e->signals, first + i, from + c, e->taps);
      for (size_t a = 0; a < e->taps; a++) *x++ = d[a];
    }
}

static int solve(const equations *e, size_t count, size_t columns, double *x)
{
  const int info = ms_lapack_solve_double(count * e->taps, e->matrix, columns, x, e->pivot);
  if (info > 0) return ms_fail("bss_eval: the references are not independent of each other");
  return info;
}

static int solve_all(const equations *e, const ms_bss_input *in, double *all, double *own)
{
  const size_t c = in->channels;
  fill_matrix(e, 0, e->signals);
  fill_sides(e, 0, e->signals, 0, e->signals, all);
  if (solve(e, e->signals, e->signals, all) != 0) return -1;
  for (size_t j = 0; j < in->sources; j++) {
    double *x = own + j * c * c * e->taps;
    fill_matrix(e, j * c, c);
    fill_sides(e, j * c, c, j * c, c, x);
    if (solve(e, c, c, x) != 0) return -1;
  }
  return 0;
}

/* Where the channels of all sources lie. */
static void list_signals(const ms_bss_input *in, const real *waves, ms_delayed *list)
{
  for (size_t j = 0; j < in->sources; j++)
    for (size_t c = 0; c < in->channels; c++)
      list[j * in->channels + c] =
        (ms_delayed){ waves + j * in->samples * in->channels + c, in->channels };
}

static int correlate(const ms_bss_input *in, size_t signals, double *reference, double *estimate)
{
  ms_delayed *list = ms_alloc(2 * signals * sizeof *list);
  if (!list) return -1;
  list_signals(in, in->reference, list);
  list_signals(in, in->estimate, list + signals);
  int bad = ms_correlate_delayed(list, signals, list, signals, in->samples, in->taps, reference);
  if (!bad)
    bad = ms_correlate_delayed(list, signals, list + signals, signals, in->samples, in->taps,
                               estimate);
  ms_free(list);
  return bad;
}

int ms_bss_filters(const ms_bss_input *in, double *all, double *own)
{
  const size_t signals = in->sources * in->channels, n = signals * in->taps;
  const size_t sums = signals * signals * (2 * in->taps - 1);
  double *reference = ms_alloc(sums * sizeof(double)), *estimate = ms_alloc(sums * sizeof(double));
  equations e = { signals, in->taps, reference, estimate, ms_alloc(n * n * sizeof(double)),
                  ms_alloc(n * sizeof(int)) };
  int bad = !reference || !estimate || !e.matrix || !e.pivot;
  if (!bad) bad = correlate(in, signals, reference, estimate) || solve_all(&e, in, all, own);
  ms_free(reference);
  ms_free(estimate);
  ms_free(e.matrix);
  ms_free(e.pivot);
  return bad ? -1 : 0;
}
