/* Short-time Fourier transform in TensorFlow's convention, its inverse, and both
   adjoints.

   There are two directions. Analysis: wave -> windowed frames -> FFT -> bins times a
   weight. Synthesis: bins times a weight -> inverse FFT -> window -> overlap-add. With w
   the Hann window, s the inverse window and N the size, the four transforms are
   |                 direction   window   weight of inner bins   of the end bins
   | stft            analysis    w        1                      1
   | istft           synthesis   s        1/N                    1/N
   | stft's adjoint  synthesis   w        1/2                    1
   | istft's adjoint analysis    s        2/N                    1/N
   The inverse FFT counts an inner bin twice (it stands for its mirror image as well):
   that is undone in the third row and owed in the fourth. */
#include "stft.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../../base/thread.h"
#include "fft.h"

enum {
  BLOCK = 4 * MS_FFT_ROWS, /* frames of one chunk of work */
};
static ms_scratch_key room_for_frames, room_for_spectra;

/* The two windows of a form, made once and kept. */
typedef struct windows {
  struct windows *next;
  ms_stft form;
  real *hann;    /* w, (size) */
  real *inverse; /* s, (size) */
} windows;

static ms_mutex lock = MS_MUTEX_INIT;
MS_HELD_OVER_FORKS(lock)
static windows *kept;

static double hann(size_t n, size_t size)
{
  return 0.5 - 0.5 * cos(2.0 * acos(-1.0) * (double)n / (double)size);
}

/* D[n mod hop]: the squared windows that meet at one sample. */
static double overlap(ms_stft f, size_t n)
{
  double sum = 0;
  for (size_t q = n % f.hop; q < f.size; q += f.hop)
    sum += hann(q, f.size) * hann(q, f.size);
  return sum;
}

static windows *new_windows(ms_stft f)
{
  windows *w = malloc(sizeof *w + 2 * f.size * sizeof(real));
  if (!w) return ms_fail("no memory for a window of %zu samples", f.size), NULL;
  *w = (windows){ .next = kept, .form = f, .hann = (real *)(w + 1) };
  w->inverse = w->hann + f.size;
  for (size_t n = 0; n < f.size; n++) {
    double d = overlap(f, n);
    w->hann[n] = (real)hann(n, f.size);
    /* hop == size: w[0] meets no other window */
    w->inverse[n] = d > 0 ? (real)(hann(n, f.size) / d) : 0;
  }
  return kept = w;
}

static const windows *find_windows(ms_stft f)
{
  ms_lock(&lock);
  windows *w = kept;
  while (w && (w->form.size != f.size || w->form.hop != f.hop)) w = w->next;
  if (!w) w = new_windows(f);
  ms_unlock(&lock);
  return w;
}

size_t ms_stft_frames(ms_stft f, size_t samples)
{
  samples += 2 * f.padding;
  return samples < f.size || !f.hop ? 0 : (samples - f.size) / f.hop + 1;
}

size_t ms_istft_samples(ms_stft f, size_t frames)
{
  return frames ? (frames - 1) * f.hop + f.size : 0;
}

/* One call: what to do and on what. */
typedef struct job job;
typedef void store_bins(const job *j, const real *bins, size_t row);
typedef void load_bins(const job *j, size_t b, size_t first, size_t count, real *frames,
                       real *spectra);

struct job {
  ms_stft f;
  int inverse, alone;  /* which window; 1: on this thread */
  int power;           /* of magnitudes */
  real inner, end;     /* weights of the bins */
  const real *wave_in; /* analysis */
  const real *bins_in; /* synthesis: spectra, or gradients of magnitudes */
  real *out;
  store_bins *store; /* analysis */
  load_bins *load;   /* synthesis */
  /* found out by run: */
  const ms_fft *fft;
  const real *window;
  size_t samples, frames, bins, stride;
  size_t blocks; /* chunks of one row of the batch */
  size_t hops;   /* synthesis: hops of one chunk */
  atomic_int failed;
};

/* ---- parts of both directions, on up to 16 frames ---- */

/* The part of frame t that lies on the wave: samples from .. to of the frame. */
static void on_wave(const job *j, size_t t, size_t *from, size_t *to)
{
  size_t begin = t * j->f.hop, padding = j->f.padding, end = padding + j->samples;
  *from = begin < padding ? padding - begin : 0;
  if (*from > j->f.size) *from = j->f.size;
  *to = begin + j->f.size > end ? (begin < end ? end - begin : 0) : j->f.size;
  if (*to < *from) *to = *from;
}

/* Windowed frames first .. first + count - 1 of one wave; absent rows become zero. */
static void load_frames(const job *j, const real *wave, size_t first, size_t count,
                        real *restrict frames)
{
  size_t size = j->f.size, from, to;
  const real *restrict w = j->window;
  for (size_t r = 0; r < count; r++) {
    real *restrict y = frames + r * size;
    on_wave(j, first + r, &from, &to);
    memset(y, 0, from * sizeof *y);
    memset(y + to, 0, (size - to) * sizeof *y);
    if (from == to) continue;
    const real *restrict x = wave + ((first + r) * j->f.hop + from - j->f.padding);
    for (size_t n = from; n < to; n++) y[n] = x[n - from] * w[n];
  }
  memset(frames + count * size, 0, (MS_FFT_ROWS - count) * size * sizeof(real));
}

/* One row of bins times its weights. */
static void weigh(const job *j, const real *restrict from, real *restrict to)
{
  size_t last = 2 * (j->bins - 1);
  real inner = j->inner;
  for (size_t i = 2; i < last; i++) to[i] = from[i] * inner;
  to[0] = from[0] * j->end;
  to[1] = from[1] * j->end;
  real top = j->f.size % 2 ? inner : j->end; /* an odd size has no Nyquist bin */
  to[last] = from[last] * top;
  to[last + 1] = from[last + 1] * top;
}

static void magnitudes(const real *restrict bins, size_t count, real *restrict out)
{
  for (size_t k = 0; k < count; k++) {
    real a = bins[2 * k], b = bins[2 * k + 1];
#ifdef MS_DOUBLE
    out[k] = sqrt(a * a + b * b);
#else
    out[k] = sqrtf(a * a + b * b);
#endif
  }
}

/* bins <- g * bins / |bins|, weighted: a magnitude's gradient points along its bin. */
static void turn_gradient(const job *j, const real *g, real *bins)
{
  size_t used = j->f.size / 2;
  for (size_t k = 0; k < used; k++) {
    double a = bins[2 * k], b = bins[2 * k + 1], m = sqrt(a * a + b * b);
    double weight = k ? j->inner : j->end;
    real scale = m > 0 ? (real)(weight * (double)g[k] / m) : 0;
    bins[2 * k] *= scale;
    bins[2 * k + 1] *= scale;
  }
  memset(bins + 2 * used, 0, 2 * (j->bins - used) * sizeof(real));
}

static void powers(const real *restrict bins, size_t count, real *restrict out)
{
  for (size_t k = 0; k < count; k++)
    out[k] = bins[2 * k] * bins[2 * k] + bins[2 * k + 1] * bins[2 * k + 1];
}

/* bins <- the gradient of |bins|^power, weighted. */
static void turn_power(const job *j, const real *g, real *bins)
{
  for (size_t k = 0; k < j->bins; k++) {
    real a = bins[2 * k], b = bins[2 * k + 1];
    real m = (real)sqrt((double)a * (double)a + (double)b * (double)b);
    real slope = j->power == 2 ? 2 : m > 0 ? 1 / m : 0;
    int at_end = !k || (k == j->bins - 1 && j->f.size % 2 == 0);
    real scale = (at_end ? j->end : j->inner) * g[k] * slope;
    bins[2 * k] *= scale;
    bins[2 * k + 1] *= scale;
  }
}

/* Adds frame t to the samples from..to-1 of a wave. */
static void add_frame(const job *j, const real *frame, size_t t, size_t from, size_t to,
                      real *wave)
{
  size_t begin = t * j->f.hop, end = begin + j->f.size; /* with the padding */
  from += j->f.padding;
  to += j->f.padding;
  if (begin > from) from = begin;
  if (end < to) to = end;
  if (from >= to) return;
  const real *restrict x = frame + (from - begin);
  const real *restrict w = j->window + (from - begin);
  real *restrict y = wave + (from - j->f.padding);
  for (size_t n = 0; n < to - from; n++) y[n] += x[n] * w[n];
}

static int take_scratch(job *j, real **frames, real **spectra)
{
  *frames = ms_scratch(&room_for_frames, ms_fft_frames_bytes(j->fft));
  *spectra = ms_scratch(&room_for_spectra, ms_fft_spectra_bytes(j->fft));
  if (*frames && *spectra) return 1;
  atomic_store(&j->failed, 1);
  return 0;
}

/* ---- analysis: a chunk is a block of frames ---- */

static void store_weighed(const job *j, const real *bins, size_t row)
{
  weigh(j, bins, j->out + row * 2 * j->bins);
}

static void store_magnitude(const job *j, const real *bins, size_t row)
{
  size_t used = j->f.size / 2;
  magnitudes(bins, used, j->out + row * used);
}

static void store_power(const job *j, const real *bins, size_t row)
{
  (j->power == 2 ? powers : magnitudes)(bins, j->bins, j->out + row * j->bins);
}

static void analyse(void *arg, size_t chunk)
{
  job *j = arg;
  size_t b = chunk / j->blocks, first = chunk % j->blocks * BLOCK;
  size_t end = first + BLOCK < j->frames ? first + BLOCK : j->frames;
  real *frames, *spectra;
  if (!take_scratch(j, &frames, &spectra)) return;
  for (size_t t = first; t < end; t += MS_FFT_ROWS) {
    size_t count = end - t < MS_FFT_ROWS ? end - t : MS_FFT_ROWS;
    load_frames(j, j->wave_in + b * j->samples, t, count, frames);
    ms_fft_forward(j->fft, frames, spectra);
    for (size_t r = 0; r < count; r++)
      j->store(j, spectra + r * 2 * j->stride, b * j->frames + t + r);
  }
}

/* ---- synthesis: a chunk is a block of samples, so that no two chunks share one; the few
   frames that reach into two blocks are computed in both ---- */

static void load_weighed(const job *j, size_t b, size_t first, size_t count, real *frames,
                         real *spectra)
{
  (void)frames;
  for (size_t r = 0; r < MS_FFT_ROWS; r++) {
    real *to = spectra + r * 2 * j->stride;
    if (r < count) weigh(j, j->bins_in + (b * j->frames + first + r) * 2 * j->bins, to);
    else memset(to, 0, 2 * j->bins * sizeof(real));
  }
}

static void load_turned(const job *j, size_t b, size_t first, size_t count, real *frames,
                        real *spectra)
{
  load_frames(j, j->wave_in + b * j->samples, first, count, frames);
  ms_fft_forward(j->fft, frames, spectra);
  for (size_t r = 0; r < count; r++)
    turn_gradient(j, j->bins_in + (b * j->frames + first + r) * (j->f.size / 2),
                  spectra + r * 2 * j->stride);
}

static void load_power(const job *j, size_t b, size_t first, size_t count, real *frames,
                       real *spectra)
{
  load_frames(j, j->wave_in + b * j->samples, first, count, frames);
  ms_fft_forward(j->fft, frames, spectra);
  for (size_t r = 0; r < count; r++)
    turn_power(j, j->bins_in + (b * j->frames + first + r) * j->bins,
               spectra + r * 2 * j->stride);
}

static void synthesise(void *arg, size_t chunk)
{
  job *j = arg;
  size_t b = chunk / j->blocks, hop = j->f.hop, size = j->f.size;
  size_t from = chunk % j->blocks * j->hops * hop, to = from + j->hops * hop;
  if (to > j->samples) to = j->samples;
  real *wave = j->out + b * j->samples, *frames, *spectra;
  if (!take_scratch(j, &frames, &spectra)) return;
  memset(wave + from, 0, (to - from) * sizeof(real));
  size_t low = from + j->f.padding, high = to + j->f.padding;
  size_t first = low < size ? 0 : (low - size) / hop + 1;
  size_t end = (high + hop - 1) / hop < j->frames ? (high + hop - 1) / hop : j->frames;
  for (size_t t = first; t < end; t += MS_FFT_ROWS) {
    size_t count = end - t < MS_FFT_ROWS ? end - t : MS_FFT_ROWS;
    j->load(j, b, t, count, frames, spectra);
    ms_fft_inverse(j->fft, spectra, frames);
    for (size_t r = 0; r < count; r++)
      add_frame(j, frames + r * size, t + r, from, to, wave);
  }
}

/* ---- the calls ---- */

static size_t blocks_of(size_t n, size_t block)
{
  return (n + block - 1) / block;
}

/* Checks the form and finds what depends on it. */
static int prepare(job *j)
{
  ms_stft f = j->f;
  if (f.size < 2 || f.hop < 1 || (f.hop > f.size && !f.window))
    return ms_fail("stft: the hop must be 1..size, got size %zu and hop %zu", f.size, f.hop);
  j->fft = ms_fft_plan(f.size);
  if (!j->fft) return ms_fail_within("stft");
  const windows *w = f.window ? NULL : find_windows(f);
  if (!w && !f.window) return -1;
  j->window = f.window ? f.window : j->inverse ? w->inverse : w->hann;
  j->bins = f.size / 2 + 1;
  j->stride = ms_fft_stride(j->fft);
  return 0;
}

/* A chunk of h hops needs h + overlap frames: about four times the overlap, so that
   little is computed twice, and together a multiple of 16. */
static void set_hops(job *j)
{
  size_t before = blocks_of(j->f.size, j->f.hop) - 1;
  size_t frames = before + (before * 4 > BLOCK ? before * 4 : BLOCK);
  j->hops = blocks_of(frames, MS_FFT_ROWS) * MS_FFT_ROWS - before;
}

static int run(job *j, size_t batch)
{
  void (*work)(void *, size_t) = j->store ? analyse : synthesise;
  if (prepare(j) != 0) return -1;
  if (j->load) set_hops(j);
  j->blocks = j->store ? blocks_of(j->frames, BLOCK) : blocks_of(j->samples, j->hops * j->f.hop);
  if (!j->alone) ms_parallel(batch * j->blocks, work, j);
  else for (size_t c = 0; c < batch * j->blocks; c++) work(j, c);
  if (!atomic_load(&j->failed)) return 0;
  return ms_fail("stft: no memory for %d frames of %zu samples", MS_FFT_ROWS, j->f.size);
}

static int of_samples(job j, size_t batch, size_t samples)
{
  j.samples = samples;
  j.frames = ms_stft_frames(j.f, samples);
  return run(&j, batch);
}

static int of_frames(job j, size_t batch, size_t frames)
{
  j.frames = frames;
  j.samples = ms_istft_samples(j.f, frames);
  return run(&j, batch);
}

int ms_stft_forward(ms_stft f, const real *wave, size_t batch, size_t samples, real *spectrum)
{
  return of_samples((job){ .f = f, .wave_in = wave, .store = store_weighed, .out = spectrum,
                           .inner = 1, .end = 1 }, batch, samples);
}

int ms_stft_adjoint(ms_stft f, const real *gspectrum, size_t batch, size_t samples, real *gwave)
{
  return of_samples((job){ .f = f, .bins_in = gspectrum, .load = load_weighed, .out = gwave,
                           .inner = (real)0.5, .end = 1 }, batch, samples);
}

int ms_istft_forward(ms_stft f, const real *spectrum, size_t batch, size_t frames, real *wave)
{
  real weight = 1 / (real)f.size;
  return of_frames((job){ .f = f, .inverse = 1, .bins_in = spectrum, .load = load_weighed,
                          .out = wave, .inner = weight, .end = weight }, batch, frames);
}

int ms_istft_adjoint(ms_stft f, const real *gwave, size_t batch, size_t frames, real *gspectrum)
{
  return of_frames((job){ .f = f, .inverse = 1, .wave_in = gwave, .store = store_weighed,
                          .out = gspectrum, .inner = 2 / (real)f.size, .end = 1 / (real)f.size },
                   batch, frames);
}

int ms_stft_magnitude(ms_stft f, const real *wave, size_t batch, size_t samples, real *magnitude)
{
  return of_samples((job){ .f = f, .wave_in = wave, .store = store_magnitude, .out = magnitude },
                    batch, samples);
}

int ms_stft_magnitude_adjoint(ms_stft f, const real *wave, const real *gmagnitude, size_t batch,
                              size_t samples, real *gwave)
{
  return of_samples((job){ .f = f, .wave_in = wave, .bins_in = gmagnitude, .load = load_turned,
                           .out = gwave, .inner = (real)0.5, .end = 1 }, batch, samples);
}

int ms_stft_power(ms_stft f, int power, const real *wave, size_t batch, size_t samples, real *out)
{
  return of_samples((job){ .f = f, .wave_in = wave, .store = store_power, .power = power,
                           .out = out }, batch, samples);
}

int ms_stft_power_adjoint(ms_stft f, int power, const real *wave, const real *gout, size_t batch,
                          size_t samples, real *gwave)
{
  return of_samples((job){ .f = f, .wave_in = wave, .bins_in = gout, .load = load_power,
                           .power = power, .out = gwave, .inner = (real)0.5, .end = 1 },
                    batch, samples);
}

static int of_both(job j, size_t batch, size_t frames, size_t samples)
{
  j.frames = frames;
  j.samples = samples;
  return run(&j, batch);
}

int ms_stft_overlap(ms_stft f, const real *spectrum, size_t batch, size_t frames, size_t samples,
                    real *wave)
{
  real weight = 1 / (real)f.size;
  return of_both((job){ .f = f, .bins_in = spectrum, .load = load_weighed, .out = wave,
                        .inner = weight, .end = weight }, batch, frames, samples);
}

int ms_stft_overlap_adjoint(ms_stft f, const real *gwave, size_t batch, size_t frames,
                            size_t samples, real *gspectrum)
{
  return of_both((job){ .f = f, .wave_in = gwave, .store = store_weighed, .out = gspectrum,
                        .inner = 2 / (real)f.size, .end = 1 / (real)f.size },
                 batch, frames, samples);
}

int ms_stft_magnitude_here(ms_stft f, const real *wave, size_t batch, size_t samples,
                           real *magnitude)
{
  return of_samples((job){ .f = f, .alone = 1, .wave_in = wave, .store = store_magnitude,
                           .out = magnitude }, batch, samples);
}
