/* Loudness after EBU R 128: the only door to libebur128. */
#ifndef MS_LOUDNESS_H
#define MS_LOUDNESS_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_loudness {
  double integrated;             /* LUFS of the whole, -infinity of silence */
  double momentary, short_term;  /* LUFS: the loudest 0.4 and 3 seconds */
  double range;                  /* LU */
  double true_peak, sample_peak; /* dB below full scale */
} ms_loudness;

/* Of a wave (channels, samples), finite; channels in the order left, right, centre, low
   frequencies, left surround, right surround. 0, or -1 and a message. */
int ms_loudness_of(const real *wave, size_t channels, size_t samples, int rate, ms_loudness *out);

#endif
