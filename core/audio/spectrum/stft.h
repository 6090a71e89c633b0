/* Short-time Fourier transform in TensorFlow's convention, its inverse, and both
   adjoints. */
#ifndef MS_STFT_H
#define MS_STFT_H

#include <stddef.h>

#include "../../base/real.h"

/* Periodic Hann window of `size` samples, one frame every `hop` samples, no centring and
   no padding: frame t covers samples t*hop .. t*hop + size - 1 and exists only where it
   fits. */
typedef struct ms_stft {
  size_t size; /* samples of a frame, 2..65536; the transform has size/2 + 1 bins */
  size_t hop;  /* samples between frames, 1..size; 1 or more with a window of one's own */
  /* Another convention, if wanted: a window of `size` numbers in place of Hann's, borrowed, and
     so many zeros that stand in front of the wave and behind it. Not for ms_istft_*. */
  const real *window;
  size_t padding;
} ms_stft;

/* The paper's: 512 samples every 160 (32 ms every 10 ms at 16 kHz), 257 bins. */
#define MS_STFT_PAPER ((ms_stft){ .size = 512, .hop = 160 })

/* Frames of a wave; 0 when it is shorter than one frame. */
size_t ms_stft_frames(ms_stft f, size_t samples);

/* Samples that the inverse makes of `frames` frames: (frames - 1) * hop + size; 0 of
   none. */
size_t ms_istft_samples(ms_stft f, size_t frames);

/* All functions below: rows are independent and dense, work is shared out by ms_parallel,
   results are overwritten, and the bits do not depend on the number of threads. 0, or -1 and a
   message (size or hop out of range, no memory). Shapes, with F = frames and B = size/2 + 1:
     wave (batch, samples)   spectrum (batch, F, B, 2)   magnitude (batch, F, size/2)  */

/* wave -> spectrum. F = ms_stft_frames(samples). */
int ms_stft_forward(ms_stft f, const real *wave, size_t batch, size_t samples,
                    real *spectrum);

/* Gradient of ms_stft_forward: gspectrum -> gwave (0 at samples that no frame covers). */
int ms_stft_adjoint(ms_stft f, const real *gspectrum, size_t batch, size_t samples,
                    real *gwave);

/* spectrum -> wave by weighted overlap-add with TensorFlow's inverse window w[n] / D[n
   mod hop], D the sum of the squared windows over all hops. samples =
   ms_istft_samples(frames). The first and last size - hop samples are faded: fewer frames
   cover them. The imaginary parts of the first and the last bin are ignored. */
int ms_istft_forward(ms_stft f, const real *spectrum, size_t batch, size_t frames,
                     real *wave);

/* Gradient of ms_istft_forward: gwave -> gspectrum. */
int ms_istft_adjoint(ms_stft f, const real *gwave, size_t batch, size_t frames,
                     real *gspectrum);

/* wave -> magnitude without the last (Nyquist) bin: what all networks read. */
int ms_stft_magnitude(ms_stft f, const real *wave, size_t batch, size_t samples,
                      real *magnitude);

/* Gradient of ms_stft_magnitude at `wave`: gmagnitude -> gwave; 0 where the magnitude is
   0. */
int ms_stft_magnitude_adjoint(ms_stft f, const real *wave, const real *gmagnitude,
                              size_t batch, size_t samples, real *gwave);

/* wave -> |spectrum|^power of all size/2 + 1 bins; power is 1 or 2. */
int ms_stft_power(ms_stft f, int power, const real *wave, size_t batch, size_t samples, real *out);

/* Gradient of ms_stft_power at `wave`: gout -> gwave; 0 where a magnitude is 0. */
int ms_stft_power_adjoint(ms_stft f, int power, const real *wave, const real *gout, size_t batch,
                          size_t samples, real *gwave);

/* spectrum of `frames` frames -> wave: inverse transforms, windowed and overlap-added, without the
   division by the windows' squares. samples is ms_stft_samples(frames) or less. */
int ms_stft_overlap(ms_stft f, const real *spectrum, size_t batch, size_t frames, size_t samples,
                    real *wave);

/* Gradient of ms_stft_overlap: gwave -> gspectrum. */
int ms_stft_overlap_adjoint(ms_stft f, const real *gwave, size_t batch, size_t frames,
                            size_t samples, real *gspectrum);

/* ms_stft_magnitude on the calling thread alone: for threads that must leave the thread
   pool to the training step. The same bits. */
int ms_stft_magnitude_here(ms_stft f, const real *wave, size_t batch, size_t samples,
                           real *magnitude);

#endif
