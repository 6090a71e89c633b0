/* Real Fourier transforms of many rows at once. */
#include "fft.h"

#include <fftw3.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread.h"

#ifdef MS_DOUBLE
#define FFTW(name) fftw_##name
#else
#define FFTW(name) fftwf_##name
#endif

enum { LARGEST = 65536, PAD = 8 };

struct ms_fft {
  struct ms_fft *next;
  size_t size, stride;
  FFTW(plan) forward, inverse;
};

static ms_mutex planning = MS_MUTEX_INIT; /* FFTW's planner is not safe for threads */
MS_HELD_OVER_FORKS(planning)
static ms_fft *plans;

void ms_fft_lock_planner(void)
{
  ms_lock(&planning);
}

void ms_fft_unlock_planner(void)
{
  ms_unlock(&planning);
}

/* Plans took at most 17 times their points in measurements, up to 65537 of them. */
int ms_fft_room(size_t points)
{
  return ms_memory_room(((size_t)1 << 20) + 32 * points * sizeof(double));
}

static void end_plan(ms_fft *p)
{
  if (p->forward) FFTW(destroy_plan)(p->forward);
  if (p->inverse) FFTW(destroy_plan)(p->inverse);
  free(p);
}

static void make_transforms(ms_fft *p, real *frames, real *spectra)
{
  int n = (int)p->size, stride = (int)p->stride;
  FFTW(complex) *s = (FFTW(complex) *)spectra;
  p->forward = FFTW(plan_many_dft_r2c)(1, &n, MS_FFT_ROWS, frames, NULL, 1, n, s, NULL, 1,
                                       stride, FFTW_ESTIMATE);
  p->inverse = FFTW(plan_many_dft_c2r)(1, &n, MS_FFT_ROWS, s, NULL, 1, stride, frames,
                                       NULL, 1, n, FFTW_ESTIMATE);
}

/* Called with `planning` held. Estimating reads no data, only the alignment. */
static ms_fft *new_plan(size_t size)
{
  if (ms_fft_room(size) != 0) return NULL;
  ms_fft *p = calloc(1, sizeof *p);
  if (!p) return ms_fail("no memory for a transform of %zu points", size), NULL;
  p->size = size;
  p->stride = (size / 2 + 1 + PAD - 1) / PAD * PAD;
  real *frames = ms_alloc(ms_fft_frames_bytes(p));
  real *spectra = ms_alloc(ms_fft_spectra_bytes(p));
  if (frames && spectra) make_transforms(p, frames, spectra);
  int made = p->forward && p->inverse;
  if (frames && spectra && !made) ms_fail("FFTW has no plan for %zu points", size);
  ms_free(frames);
  ms_free(spectra);
  if (!made) return end_plan(p), NULL;
  p->next = plans;
  plans = p;
  return p;
}

const ms_fft *ms_fft_plan(size_t size)
{
  if (size < 2 || size > LARGEST)
    return ms_fail("a transform has 2..%d points, not %zu", LARGEST, size), NULL;
  ms_lock(&planning);
  ms_fft *p = plans;
  while (p && p->size != size) p = p->next;
  if (!p) p = new_plan(size);
  ms_unlock(&planning);
  return p;
}

size_t ms_fft_stride(const ms_fft *fft)
{
  return fft->stride;
}

size_t ms_fft_frames_bytes(const ms_fft *fft)
{
  return MS_FFT_ROWS * fft->size * sizeof(real);
}

size_t ms_fft_spectra_bytes(const ms_fft *fft)
{
  return MS_FFT_ROWS * fft->stride * 2 * sizeof(real);
}

void ms_fft_forward(const ms_fft *fft, real *frames, real *spectra)
{
  FFTW(execute_dft_r2c)(fft->forward, frames, (FFTW(complex) *)spectra);
}

void ms_fft_inverse(const ms_fft *fft, real *spectra, real *frames)
{
  FFTW(execute_dft_c2r)(fft->inverse, (FFTW(complex) *)spectra, frames);
}
