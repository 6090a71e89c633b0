/* Windows: weights that fade a frame in and out. */
#include "windows.h"

#include <math.h>

const char *const ms_window_names[] = { "hann", "hamming", "blackman", "bartlett", "kaiser", NULL };

/* Each is a function of x from 0 to 1 over the whole window. */
static double hann(double x, double beta)
{
  (void)beta;
  const double s = sin(M_PI * x);
  return s * s;
}

static double hamming(double x, double beta)
{
  (void)beta;
  return 0.54 - 0.46 * cos(2 * M_PI * x);
}

static double blackman(double x, double beta)
{
  (void)beta;
  return fmax(0, 0.42 - 0.5 * cos(2 * M_PI * x) + 0.08 * cos(4 * M_PI * x));
}

static double bartlett(double x, double beta)
{
  (void)beta;
  return 1 - fabs(2 * x - 1);
}

/* The modified Bessel function of order 0, by its power series. */
static double bessel(double x)
{
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-18 && k < 2000; k++) {
    term *= x / (2 * k) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

static double kaiser(double x, double beta)
{
  const double r = 2 * x - 1;
  return bessel(beta * sqrt(fmax(0, 1 - r * r))) / bessel(beta);
}

ms_tensor *ms_window(int kind, size_t n, int periodic, double beta)
{
  double (*const weight[])(double, double) = { hann, hamming, blackman, bartlett, kaiser };
  ms_tensor *t = ms_tensor_new(1, &n);
  const double steps = periodic ? (double)n : (double)n - 1;
  for (size_t i = 0; t && i < n; i++)
    t->data[i] = n == 1 ? 1 : (real)weight[kind]((double)i / steps, beta);
  return t;
}
