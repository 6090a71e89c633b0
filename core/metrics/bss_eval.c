/* BSS Eval: what the filtered references explain of each frame of the estimates. */
#include "bss_eval.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "../audio/spectrum/fft_double.h"
#include "../base/error.h"
#include "../base/memory.h"
#include "../base/thread_pool.h"
#include "projection.h"

typedef struct evaluation {
  const ms_bss_input *in;
  size_t signals, frames, bins;
  ms_fft_double fft;
  double complex *all, *own; /* the filters' spectra, in the order of ms_bss_filters */
  double *scores;
  int failed;
} evaluation;

/* One frame at work: spectra of its references, and rows of samples. */
typedef struct frame {
  double complex *reference, *product;
  double *row, *explained, *spatial;
  size_t start, count; /* samples that it has */
} frame;

/* Energies of the true source, of the errors, and of sums of them. */
typedef struct energies {
  double truth, spatial, interference, artifact, filtered, explained, error;
} energies;

size_t ms_bss_frames(const ms_bss_input *in)
{
  if (in->window >= in->samples) return 1;
  return (in->samples - in->window + in->hop) / in->hop;
}

static const real *sample(const ms_bss_input *in, const real *waves, size_t j, size_t n)
{
  return waves + (j * in->samples + n) * in->channels;
}

/* Whether the channels of a source add up to 0 at every sample of a frame. */
static int is_silent(const ms_bss_input *in, const real *waves, size_t j, const frame *f)
{
  for (size_t n = 0; n < f->count; n++) {
    const real *x = sample(in, waves, j, f->start + n);
    double sum = 0;
    for (size_t c = 0; c < in->channels; c++) sum += (double)x[c];
    if (sum != 0) return 0;
  }
  return 1;
}

static int any_silent(const ms_bss_input *in, const frame *f)
{
  for (size_t j = 0; j < in->sources; j++)
    if (is_silent(in, in->reference, j, f) || is_silent(in, in->estimate, j, f)) return 1;
  return 0;
}

static void transform_references(const evaluation *e, const frame *f)
{
  const ms_bss_input *in = e->in;
  for (size_t s = 0; s < e->signals; s++) {
    memset(f->row, 0, e->fft.size * sizeof *f->row);
    for (size_t n = 0; n < f->count; n++)
      f->row[n] = (double)sample(in, in->reference, s / in->channels,
                                 f->start + n)[s % in->channels];
    ms_fft_double_forward(&e->fft, f->row, f->reference + s * e->bins);
  }
}

/* The sum of `count` references from `first` on, each through its filter. */
static void project(const evaluation *e, const frame *f, size_t first, size_t count,
                    const double complex *filters, double *y)
{
  memset(f->product, 0, e->bins * sizeof *f->product);
  for (size_t s = 0; s < count; s++) {
    const double complex *x = f->reference + (first + s) * e->bins, *h = filters + s * e->bins;
    for (size_t b = 0; b < e->bins; b++) f->product[b] += x[b] * h[b];
  }
  ms_fft_double_inverse(&e->fft, f->product, y);
  for (size_t n = 0; n < e->fft.size; n++) y[n] /= (double)e->fft.size;
}

static double square(double x)
{
  return x * x;
}

/* Adds the energies of channel c of source j. Beyond the frame, filters ring on. */
static void add_energies(const evaluation *e, const frame *f, size_t j, size_t c, energies *sum)
{
  const ms_bss_input *in = e->in;
  for (size_t n = 0; n < f->count + in->taps - 1; n++) {
    const int inside = n < f->count;
    const double truth = inside ? (double)sample(in, in->reference, j, f->start + n)[c] : 0;
    const double estimate = inside ? (double)sample(in, in->estimate, j, f->start + n)[c] : 0;
    const double spatial = f->spatial[n] - truth, explained = f->explained[n];
    const double interference = explained - truth - spatial;
    const double artifact = estimate - truth - spatial - interference;
    sum->truth += square(truth);
    sum->spatial += square(spatial);
    sum->interference += square(interference);
    sum->artifact += square(artifact);
    sum->filtered += square(truth + spatial);
    sum->explained += square(truth + spatial + interference);
    sum->error += square(spatial + interference + artifact);
  }
}

static double decibels(double good, double bad)
{
  return bad == 0 ? INFINITY : 10 * log10(good / bad);
}

static void score_source(const evaluation *e, const frame *f, size_t j, double *to)
{
  const size_t channels = e->in->channels, step = e->in->sources * e->frames;
  energies sum = { 0 };
  for (size_t c = 0; c < channels; c++) {
    project(e, f, 0, e->signals, e->all + (j * channels + c) * e->signals * e->bins, f->explained);
    project(e, f, j * channels, channels, e->own + (j * channels + c) * channels * e->bins,
            f->spatial);
    add_energies(e, f, j, c, &sum);
  }
  to[MS_BSS_SDR * step] = decibels(sum.truth, sum.error);
  to[MS_BSS_ISR * step] = decibels(sum.truth, sum.spatial);
  to[MS_BSS_SIR * step] = decibels(sum.filtered, sum.interference);
  to[MS_BSS_SAR * step] = decibels(sum.explained, sum.artifact);
}

static void score_undefined(const evaluation *e, size_t t)
{
  for (size_t i = 0; i < MS_BSS_SCORES * e->in->sources; i++) e->scores[i * e->frames + t] = NAN;
}

/* Room for a frame in one block; NULL and a message. */
static void *frame_room(const evaluation *e, frame *f)
{
  const size_t row = (e->fft.size * sizeof(double) + 63) / 64 * 64;
  const size_t spectra = (e->bins * sizeof(double complex) + 63) / 64 * 64;
  char *room = ms_alloc(3 * row + (e->signals + 1) * spectra);
  if (!room) return NULL;
  f->row = (double *)room;
  f->explained = (double *)(room + row);
  f->spatial = (double *)(room + 2 * row);
  f->product = (double complex *)(room + 3 * row);
  f->reference = (double complex *)(room + 3 * row + spectra);
  return room;
}

static void score_frame(void *arg, size_t t)
{
  evaluation *e = arg;
  const ms_bss_input *in = e->in;
  frame f = { .start = t * in->hop };
  f.count = in->samples - f.start < in->window ? in->samples - f.start : in->window;
  if (any_silent(in, &f)) {
    score_undefined(e, t);
    return;
  }
  void *room = frame_room(e, &f);
  if (!room) {
    e->failed = 1;
    return;
  }
  transform_references(e, &f);
  for (size_t j = 0; j < in->sources; j++) score_source(e, &f, j, e->scores + j * e->frames + t);
  ms_free(room);
}

/* Filters (count, taps) -> spectra (count, bins). */
static int transform_filters(const evaluation *e, const double *taps, size_t count,
                             double complex *spectra)
{
  double *row = ms_alloc(e->fft.size * sizeof *row);
  if (!row) return -1;
  for (size_t i = 0; i < count; i++) {
    memset(row, 0, e->fft.size * sizeof *row);
    memcpy(row, taps + i * e->in->taps, e->in->taps * sizeof *row);
    ms_fft_double_forward(&e->fft, row, spectra + i * e->bins);
  }
  ms_free(row);
  return 0;
}

/* The least size of 2, 3, 5 and 7 alone that holds n points. */
static size_t fast_size(size_t n)
{
  for (;; n++) {
    size_t rest = n;
    for (size_t p = 2; p <= 7; p += p == 2 ? 1 : 2)
      while (rest % p == 0) rest /= p;
    if (rest == 1 && n % 2 == 0) return n;
  }
}

static int find_filters(evaluation *e)
{
  const ms_bss_input *in = e->in;
  const size_t all = e->signals * e->signals, own = e->signals * in->channels;
  double *taps = ms_alloc((all + own) * in->taps * sizeof *taps);
  e->all = ms_alloc((all + own) * e->bins * sizeof *e->all);
  e->own = e->all ? e->all + all * e->bins : NULL;
  int bad = !taps || !e->all;
  if (!bad) bad = ms_bss_filters(in, taps, taps + all * in->taps) != 0;
  if (!bad) bad = transform_filters(e, taps, all + own, e->all) != 0;
  ms_free(taps);
  return bad ? -1 : 0;
}

int ms_bss_eval(const ms_bss_input *in, double *scores)
{
  evaluation e = { .in = in, .signals = in->sources * in->channels, .frames = ms_bss_frames(in),
                   .scores = scores };
  const size_t longest = in->window < in->samples ? in->window : in->samples;
  const size_t size = fast_size(longest + in->taps - 1);
  e.bins = size / 2 + 1;
  if (ms_fft_double_plan(&e.fft, size) != 0) return -1;
  int bad = find_filters(&e);
  if (!bad) ms_parallel(e.frames, score_frame, &e);
  ms_free(e.all);
  ms_fft_double_free(&e.fft);
  if (e.failed) return ms_fail("bss_eval: no memory for a frame of %zu samples", longest);
  return bad;
}
