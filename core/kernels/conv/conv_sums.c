/* The gradient of a convolution by its bias: sums over pixels. */
#include <string.h>

#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "conv_backward_weight.h"

enum { PART = 16384, FEW = 64 };
static ms_scratch_key room_for_sums;

typedef struct job {
  const real *y;
  size_t pixels, channels;
  size_t period; /* pixels that are added side by side, lest sums of few channels wait */
  real *sums;    /* of every part: period x channels */
} job;

static void part(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t width = j->period * j->channels, first = chunk * PART;
  const size_t end = first + PART < j->pixels ? first + PART : j->pixels;
  real *restrict sum = j->sums + chunk * width;
  const real *restrict y = j->y + first * j->channels;
  memset(sum, 0, width * sizeof *sum);
  size_t p = first;
  for (; p + j->period <= end; p += j->period, y += width)
    for (size_t k = 0; k < width; k++) sum[k] += y[k];
  for (size_t k = 0; k < (end - p) * j->channels; k++) sum[k] += y[k];
}

int MS_K(conv_sums)(const real *y, size_t pixels, size_t channels, real *sums)
{
  job j = { .y = y, .pixels = pixels, .channels = channels };
  j.period = channels <= FEW ? MS_LANES : 1;
  const size_t parts = (pixels + PART - 1) / PART;
  j.sums = ms_scratch(&room_for_sums, (parts + 1) * j.period * channels * sizeof *sums);
  if (!j.sums) return -1;
  ms_parallel(parts, part, &j);
  memset(sums, 0, channels * sizeof *sums);
  for (size_t k = 0; k < parts * j.period; k++)
    for (size_t c = 0; c < channels; c++) sums[c] += j.sums[k * channels + c];
  return 0;
}
