/* Fourier transforms in double through FFTW. */
#include "fft_double.h"

#include <fftw3.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "fft.h"

static void make(ms_fft_double *fft, double *row, double complex *spectrum)
{
  ms_fft_lock_planner();
  fft->forward = fftw_plan_dft_r2c_1d((int)fft->size, row, spectrum, FFTW_ESTIMATE);
  fft->inverse = fftw_plan_dft_c2r_1d((int)fft->size, spectrum, row, FFTW_ESTIMATE);
  ms_fft_unlock_planner();
}

int ms_fft_double_plan(ms_fft_double *fft, size_t size)
{
  *fft = (ms_fft_double){ .size = size };
  if (ms_fft_room(size) != 0) return -1;
  double *row = ms_alloc(size * sizeof *row);
  double complex *spectrum = ms_alloc((size / 2 + 1) * sizeof *spectrum);
  if (row && spectrum) make(fft, row, spectrum);
  ms_free(row);
  ms_free(spectrum);
  if (fft->forward && fft->inverse) return 0;
  ms_fft_double_free(fft);
  return row && spectrum ? ms_fail("FFTW has no plan for %zu points", size) : -1;
}

void ms_fft_double_free(ms_fft_double *fft)
{
  ms_fft_lock_planner();
  if (fft->forward) fftw_destroy_plan(fft->forward);
  if (fft->inverse) fftw_destroy_plan(fft->inverse);
  ms_fft_unlock_planner();
  fft->forward = fft->inverse = NULL;
}

void ms_fft_double_forward(const ms_fft_double *fft, double *row, double complex *spectrum)
{
  fftw_execute_dft_r2c(fft->forward, row, spectrum);
}

void ms_fft_double_inverse(const ms_fft_double *fft, double complex *spectrum, double *row)
{
  fftw_execute_dft_c2r(fft->inverse, spectrum, row);
}
