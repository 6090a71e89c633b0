/* Loudness after EBU R 128, by libebur128. */
#include "loudness.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/system/library.h"

enum { BLOCK = 4096, STEPS = 10 }; /* STEPS: looks at momentary loudness in a second */

#define FUNCTIONS(F)                                                                          \
  F(ebur128_init) F(ebur128_destroy) F(ebur128_add_frames_double) F(ebur128_loudness_global)  \
  F(ebur128_loudness_momentary) F(ebur128_loudness_shortterm) F(ebur128_loudness_range)       \
  F(ebur128_true_peak) F(ebur128_sample_peak)
#define POINTER(name) __typeof__(name) *(name);
#define SYMBOL(name) { #name, &ebur.name },

static struct { FUNCTIONS(POINTER) } ebur;

static int load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = { FUNCTIONS(SYMBOL) { NULL, NULL } };
  if (!loaded && ms_library_load("libebur128.so.1", "libebur128-1", symbols) != 0) return -1;
  loaded = 1;
  return 0;
}

static void raise_to(double *most, double value)
{
  if (value > *most) *most = value;
}

/* Feeds samples first .. first + count - 1, and looks at what is loudest so far. */
static int feed(ebur128_state *s, const real *wave, size_t samples, size_t first, size_t count,
                double *frames, ms_loudness *out)
{
  for (size_t i = 0; i < count; i++)
    for (size_t c = 0; c < s->channels; c++)
      frames[i * s->channels + c] = wave[c * samples + first + i];
  if (ebur.ebur128_add_frames_double(s, frames, count) != EBUR128_SUCCESS)
    return ms_fail("no memory to measure the loudness");
  double value;
  if (first + count >= s->samplerate * 2 / 5 &&
      ebur.ebur128_loudness_momentary(s, &value) == EBUR128_SUCCESS)
    raise_to(&out->momentary, value);
  if (first + count >= s->samplerate * 3 &&
      ebur.ebur128_loudness_shortterm(s, &value) == EBUR128_SUCCESS)
    raise_to(&out->short_term, value);
  return 0;
}

static double decibels(double amplitude)
{
  return amplitude > 0 ? 20 * log10(amplitude) : -INFINITY;
}

static void finish(ebur128_state *s, ms_loudness *out)
{
  double peak = 0, sample = 0, value;
  ebur.ebur128_loudness_global(s, &out->integrated);
  ebur.ebur128_loudness_range(s, &out->range);
  for (unsigned c = 0; c < s->channels; c++) {
    if (ebur.ebur128_true_peak(s, c, &value) == EBUR128_SUCCESS) raise_to(&peak, value);
    if (ebur.ebur128_sample_peak(s, c, &value) == EBUR128_SUCCESS) raise_to(&sample, value);
  }
  out->true_peak = decibels(peak);
  out->sample_peak = decibels(sample);
}

/* libebur128 keeps three seconds; it took at most 29 bytes for each of its numbers, measured. */
static int room(size_t channels, int rate)
{
  return ms_memory_room(((size_t)1 << 20) + 40 * channels * (size_t)rate);
}

int ms_loudness_of(const real *wave, size_t channels, size_t samples, int rate, ms_loudness *out)
{
  const int mode = EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK;
  if (load() != 0 || room(channels, rate) != 0) return -1;
  *out = (ms_loudness){ -INFINITY, -INFINITY, -INFINITY, 0, -INFINITY, -INFINITY };
  ebur128_state *s = ebur.ebur128_init((unsigned)channels, (unsigned long)rate, mode);
  if (!s)
    return ms_fail("the loudness of %zu channels at %d Hz cannot be measured", channels, rate);
  const size_t step = (size_t)rate / STEPS ? (size_t)rate / STEPS : 1;
  double *frames = malloc(step * channels * sizeof *frames);
  int status = frames ? 0 : ms_fail("no memory to measure the loudness");
  for (size_t first = 0; status == 0 && first < samples; first += step)
    status = feed(s, wave, samples, first, samples - first < step ? samples - first : step, frames,
                  out);
  if (status == 0) finish(s, out);
  free(frames);
  ebur.ebur128_destroy(&s);
  return status;
}
