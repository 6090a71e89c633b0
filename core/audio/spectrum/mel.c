/* The matrix from magnitude bins to mel bands. */
#include "mel.h"

#include <math.h>
#include <string.h>

#include "../../base/error.h"

enum { MOST_BINS = 16385, MOST_BANDS = 1024 };

static double mel_of(double hertz)
{
  return 1127.0 * log1p(hertz / 700.0);
}

static int check(ms_mel m)
{
  if (m.bins < 2 || m.bins > MOST_BINS || m.bands < 1 || m.bands > MOST_BANDS)
    return ms_fail("mel_matrix: bins must be 2..%d and bands 1..%d, got %zu and %zu",
                   MOST_BINS, MOST_BANDS, m.bins, m.bands);
  if (!(m.low >= 0 && m.low < m.high && m.high <= m.rate / 2))
    return ms_fail(
        "mel_matrix: the band %g..%g Hz must lie within 0..%g Hz, half the rate", m.low,
        m.high, m.rate / 2);
  return 0;
}

int ms_mel_matrix(ms_mel m, real *matrix)
{
  if (check(m) != 0) return -1;
  double first = mel_of(m.low), step = (mel_of(m.high) - first) / (double)(m.bands + 1);
  memset(matrix, 0, m.bins * m.bands * sizeof(real));
  for (size_t k = 1; k < m.bins; k++) { /* bin 0 holds the offset, not a tone */
    double mel = mel_of((double)k * (m.rate / 2) / (double)(m.bins - 1));
    for (size_t b = 0; b < m.bands; b++) {
      double lower = first +
                     step * (double)b; /* the band: lower, lower + step, lower + 2 step */
      double weight = fmin((mel - lower) / step, (lower + 2 * step - mel) / step);
      if (weight > 0) matrix[k * m.bands + b] = (real)weight;
    }
  }
  return 0;
}
