/* Inner products of delayed signals, block by block: spectra of blocks are multiplied and added up,
   so that each pair takes one inverse transform, and memory does not grow with the signals. */
#include "correlation.h"

#include <complex.h>
#include <stdint.h>
#include <string.h>

#include "../audio/spectrum/fft_double.h"
#include "../base/memory.h"
#include "../base/thread_pool.h"

enum { LEAST_BLOCK = 16384 };

typedef struct job {
  const ms_delayed *x, *y;
  size_t count_x, count_y, samples, taps;
  size_t block, bins; /* new samples of a block; bins of a transform */
  ms_fft_double fft;
  double *row;
  double complex *of_x, *of_y; /* spectra of a block: (count, bins) */
  double complex *sum;         /* (count_x, count_y, bins) */
} job;

/* `count` samples from place `from` on, which may lie outside, into a row filled up with zeros. */
static void copy(const job *j, ms_delayed s, int64_t from, size_t count)
{
  memset(j->row, 0, j->fft.size * sizeof *j->row);
  for (size_t i = 0; i < count; i++) {
    const int64_t n = from + (int64_t)i;
    if (n >= 0 && n < (int64_t)j->samples) j->row[i] = (double)s.first[(size_t)n * s.step];
  }
}

static void transform_block(job *j, size_t start)
{
  const int64_t reach = (int64_t)j->taps - 1;
  for (size_t i = 0; i < j->count_x; i++) {
    copy(j, j->x[i], (int64_t)start, j->block);
    ms_fft_double_forward(&j->fft, j->row, j->of_x + i * j->bins);
  }
  for (size_t i = 0; i < j->count_y; i++) {
    copy(j, j->y[i], (int64_t)start - reach, j->block + 2 * (size_t)reach);
    ms_fft_double_forward(&j->fft, j->row, j->of_y + i * j->bins);
  }
}

/* Adds a block's products of one signal of x with all of y. */
static void add_products(void *arg, size_t i)
{
  const job *j = arg;
  const double complex *x = j->of_x + i * j->bins;
  for (size_t k = 0; k < j->count_y; k++) {
    const double complex *y = j->of_y + k * j->bins;
    double complex *sum = j->sum + (i * j->count_y + k) * j->bins;
    for (size_t b = 0; b < j->bins; b++) sum[b] += conj(x[b]) * y[b];
  }
}

static void transform_back(const job *j, double *sums)
{
  const size_t lags = 2 * j->taps - 1;
  for (size_t p = 0; p < j->count_x * j->count_y; p++) {
    ms_fft_double_inverse(&j->fft, j->sum + p * j->bins, j->row);
    for (size_t l = 0; l < lags; l++) sums[p * lags + l] = j->row[l] / (double)j->fft.size;
  }
}

static void run(job *j, double *sums)
{
  memset(j->sum, 0, j->count_x * j->count_y * j->bins * sizeof *j->sum);
  for (size_t start = 0; start < j->samples; start += j->block) {
    transform_block(j, start);
    ms_parallel(j->count_x, add_products, j);
  }
  transform_back(j, sums);
}

int ms_correlate_delayed(const ms_delayed *x, size_t count_x, const ms_delayed *y, size_t count_y,
                         size_t samples, size_t taps, double *sums)
{
  job j = { .x = x, .y = y, .count_x = count_x, .count_y = count_y, .samples = samples,
            .taps = taps };
  size_t size = (size_t)2 * LEAST_BLOCK;
  while (size < 4 * taps) size *= 2;
  j.block = size - 2 * (taps - 1);
  j.bins = size / 2 + 1;
  if (ms_fft_double_plan(&j.fft, size) != 0) return -1;
  j.row = ms_alloc(size * sizeof *j.row);
  j.of_x = ms_alloc(count_x * j.bins * sizeof *j.of_x);
  j.of_y = ms_alloc(count_y * j.bins * sizeof *j.of_y);
  j.sum = ms_alloc(count_x * count_y * j.bins * sizeof *j.sum);
  const int room = j.row && j.of_x && j.of_y && j.sum;
  if (room) run(&j, sums);
  ms_free(j.row);
  ms_free(j.of_x);
  ms_free(j.of_y);
  ms_free(j.sum);
  ms_fft_double_free(&j.fft);
  return room ? 0 : -1;
}
