/* Real Fourier transforms of many rows at once. */
#ifndef MS_FFT_H
#define MS_FFT_H

#include <stddef.h>

#include "../../base/real.h"

/* Rows of one call. One number for all calls: a frame is computed the same way wherever
   it stands, and FFTW loops over rows without our help. */
enum { MS_FFT_ROWS = 16 };

typedef struct ms_fft ms_fft;

/* FFTW's planner is not safe for threads: whoever plans or ends a plan holds it meanwhile. */
void ms_fft_lock_planner(void);
void ms_fft_unlock_planner(void);

/* FFTW ends the process where it finds no memory. 0 where a transform of so many points has room to
   be planned and done; -1 and a message. */
int ms_fft_room(size_t points);

/* The plan for rows of `size` (2..65536) real numbers, made once and kept. Safe from any
   thread. Plans are estimated, never measured: a measured plan may change from run to run
   and the last bits with it. NULL and a message. */
const ms_fft *ms_fft_plan(size_t size);

/* Complex numbers from one row of spectra to the next: size/2 + 1, padded to whole cache
   lines. */
size_t ms_fft_stride(const ms_fft *fft);

/* Bytes of the two blocks below, which must be aligned to 64 bytes. */
size_t ms_fft_frames_bytes(const ms_fft *fft);
size_t ms_fft_spectra_bytes(const ms_fft *fft);

/* frames (16, size) -> spectra (16, stride, 2): X[k] = sum x[n] exp(-2 pi i kn / size) */
void ms_fft_forward(const ms_fft *fft, real *frames, real *spectra);

/* spectra (16, stride, 2) -> frames (16, size): the unscaled inverse, the missing half
   taken as the mirror image; the imaginary parts of the end bins are ignored. Destroys
   spectra. */
void ms_fft_inverse(const ms_fft *fft, real *spectra, real *frames);

#endif
