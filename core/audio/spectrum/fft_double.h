/* Fourier transforms of one row of real numbers, in double whatever the build's real is. */
#ifndef MS_FFT_DOUBLE_H
#define MS_FFT_DOUBLE_H

#include <complex.h>
#include <stddef.h>

/* Plans of a size, for rows aligned as ms_alloc aligns. */
typedef struct ms_fft_double {
  size_t size;
  void *forward, *inverse;
} ms_fft_double;

/* Plans a size of 2 or more. Needs room for both rows, which it does not keep. 0, or -1 and a
   message. */
int ms_fft_double_plan(ms_fft_double *fft, size_t size);
void ms_fft_double_free(ms_fft_double *fft);

/* row (size) -> spectrum (size / 2 + 1). Safe from any thread. */
void ms_fft_double_forward(const ms_fft_double *fft, double *row, double complex *spectrum);

/* The unscaled inverse. Destroys the spectrum. */
void ms_fft_double_inverse(const ms_fft_double *fft, double complex *spectrum, double *row);

#endif
