/* The STFT, its inverse and their gradients for many window sizes and hops: against plain
   sums, by dot products, by differences; the same bits for one, two and three threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/audio/spectrum/stft.h"
#include "../../core/base/error.h"
#include "../../core/base/thread_pool.h"
#include "../../core/base/rng.h"

/* size, hop, samples */
static const size_t forms[][3] = { { 512, 160, 9000 }, { 512, 512, 5000 },
                                   { 400, 160, 7001 }, { 33, 1, 300 },
                                   { 7, 3, 1000 },     { 2, 1, 50 },
                                   { 1024, 256, 9999 } };
enum { BATCH = 2 };

static int failures;
static const double close_enough = sizeof(real) == 8 ? 1e-9 : 2e-4;

static void check(int good, const char *what, ms_stft f)
{
  if (good) return;
  printf("FAIL %s, size %zu, hop %zu\n", what, f.size, f.hop);
  failures++;
}

static real *room(size_t count)
{
  return calloc(count + 1, sizeof(real));
}

static real *numbers(size_t count, const char *purpose)
{
  real *x = room(count);
  for (size_t i = 0; i < count; i++) {
    uint32_t word[4];
    ms_rng_block(1, ms_rng_stream(purpose), i, word);
    x[i] = (real)(ms_rng_unit(word[0]) - 0.5);
  }
  return x;
}

static double dot(const real *a, const real *b, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)a[i] * (double)b[i];
  return sum;
}

static int near(double a, double b, double scale)
{
  return fabs(a - b) <= close_enough * (fabs(a) + fabs(b) + scale);
}

/* Three bins of the last frame of the last row, by the definition. */
static void against_plain_sums(ms_stft f, const real *x, const real *spectrum,
                               size_t samples)
{
  size_t frames = ms_stft_frames(f, samples), bins = f.size / 2 + 1;
  const double turn = 2 * acos(-1.0) / (double)f.size;
  const real *wave = x + (BATCH - 1) * samples + (frames - 1) * f.hop;
  const real *got = spectrum + (BATCH * frames - 1) * bins * 2;
  for (size_t k = 0; k < bins; k += bins > 2 ? bins / 2 : 1) {
    double re = 0, im = 0;
    for (size_t n = 0; n < f.size; n++) {
      double v = (double)wave[n] * (0.5 - 0.5 * cos(turn * (double)n));
      re += v * cos(turn * (double)(k * n % f.size));
      im -= v * sin(turn * (double)(k * n % f.size));
    }
    check(near(got[2 * k], re, 1) && near(got[2 * k + 1], im, 1), "plain sums", f);
  }
}

static void adjoints(ms_stft f, size_t samples)
{
  size_t frames = ms_stft_frames(f, samples), made = ms_istft_samples(f, frames);
  size_t spectra = BATCH * frames * (f.size / 2 + 1) * 2;
  real *x = numbers(BATCH * samples, "x"), *g = numbers(spectra, "g");
  real *y = numbers(BATCH * made, "y"), *gx = room(BATCH * samples);
  real *spectrum = room(spectra), *wave = room(BATCH * made);
  check(ms_stft_forward(f, x, BATCH, samples, spectrum) == 0, ms_error(), f);
  against_plain_sums(f, x, spectrum, samples);
  check(ms_stft_adjoint(f, g, BATCH, samples, gx) == 0, ms_error(), f);
  check(near(dot(spectrum, g, spectra), dot(x, gx, BATCH * samples), 10), "stft", f);
  check(ms_istft_forward(f, g, BATCH, frames, wave) == 0, ms_error(), f);
  check(ms_istft_adjoint(f, y, BATCH, frames, spectrum) == 0, ms_error(), f);
  check(near(dot(wave, y, BATCH * made), dot(g, spectrum, spectra), 10), "istft", f);
  free(x), free(g), free(y), free(gx), free(spectrum), free(wave);
}

/* <g, |stft|>(x), at x moved by `step` along d. */
static double magnitude_at(ms_stft f, const real *x, const real *d, double step,
                           const real *g, size_t samples)
{
  size_t count = BATCH * ms_stft_frames(f, samples) * (f.size / 2);
  real *moved = room(BATCH * samples), *m = room(count);
  for (size_t i = 0; i < BATCH * samples; i++) moved[i] = (real)(x[i] + step * d[i]);
  check(ms_stft_magnitude(f, moved, BATCH, samples, m) == 0, ms_error(), f);
  double sum = dot(m, g, count);
  free(moved), free(m);
  return sum;
}

/* Along x itself a magnitude grows in proportion; along another direction, by differences
   (in double only: in float they drown in rounding). */
static void magnitude_gradient(ms_stft f, size_t samples)
{
  size_t count = BATCH * ms_stft_frames(f, samples) * (f.size / 2);
  real *x = numbers(BATCH * samples, "x"), *d = numbers(BATCH * samples, "d");
  real *g = numbers(count, "g"), *gx = room(BATCH * samples);
  check(ms_stft_magnitude_adjoint(f, x, g, BATCH, samples, gx) == 0, ms_error(), f);
  check(near(magnitude_at(f, x, d, 0, g, samples), dot(x, gx, BATCH * samples), 10),
        "magnitude", f);
  if (sizeof(real) == 8) {
    const double h = 1e-7;
    double slope = (magnitude_at(f, x, d, h, g, samples) -
                    magnitude_at(f, x, d, -h, g, samples)) / (2 * h);
    double exact = dot(d, gx, BATCH * samples);
    check(fabs(slope - exact) <= 1e-4 * (fabs(exact) + 1), "magnitude's slope", f);
  }
  free(x), free(d), free(g), free(gx);
}

/* All six results of one call each, one after another. */
static real *all_results(ms_stft f, const real *x, size_t samples, size_t *count)
{
  size_t frames = ms_stft_frames(f, samples), made = ms_istft_samples(f, frames);
  size_t s = BATCH * frames * (f.size / 2 + 1) * 2, w = BATCH * samples, v = BATCH * made;
  size_t m = BATCH * frames * (f.size / 2);
  real *r = room(2 * s + 2 * w + v + 2 * m), *at = r;
  int status = ms_stft_forward(f, x, BATCH, samples, at);
  status |= ms_stft_adjoint(f, r, BATCH, samples, at += s);
  status |= ms_istft_forward(f, r, BATCH, frames, at += w);
  status |= ms_istft_adjoint(f, at, BATCH, frames, at + v);
  status |= ms_stft_magnitude(f, x, BATCH, samples, at += v + s);
  status |= ms_stft_magnitude_here(f, x, BATCH, samples, at + m);
  check(memcmp(at, at + m, m * sizeof *at) == 0, "magnitude here", f);
  status |= ms_stft_magnitude_adjoint(f, x, at, BATCH, samples, at + 2 * m);
  check(status == 0, ms_error(), f);
  *count = 2 * s + 2 * w + v + 2 * m;
  return r;
}

static void threads(ms_stft f, size_t samples)
{
  real *x = numbers(BATCH * samples, "x"), *first = NULL;
  for (int n = 1; n <= 3; n++) {
    size_t count;
    ms_set_threads(n);
    real *r = all_results(f, x, samples, &count);
    check(!first || memcmp(first, r, count * sizeof *r) == 0, "bits", f);
    if (first) free(r);
    else first = r;
  }
  free(first), free(x);
}

static void refusals(void)
{
  real x[8] = { 0 }, y[64];
  check(ms_stft_frames(MS_STFT_PAPER, 511) == 0, "too short", MS_STFT_PAPER);
  check(ms_istft_samples(MS_STFT_PAPER, 0) == 0, "no frames", MS_STFT_PAPER);
  static const ms_stft wrong[] = { { .size = 8, .hop = 0 }, { .size = 8, .hop = 9 },
                                   { .size = 1, .hop = 1 }, { .size = 1 << 20, .hop = 5 } };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    check(ms_stft_forward(wrong[i], x, 1, 0, y) != 0, "must refuse", wrong[i]);
}

int main(void)
{
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    ms_stft f = { .size = forms[i][0], .hop = forms[i][1] };
    adjoints(f, forms[i][2]);
    magnitude_gradient(f, forms[i][2]);
    threads(f, forms[i][2]);
  }
  refusals();
  printf("%s\n", failures ? "stft: failures" : "stft: all good");
  return failures != 0;
}
