/* Other lengths and other pitches of a wave: the only door to Rubber Band. */
#ifndef MS_STRETCH_H
#define MS_STRETCH_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_stretching {
  int rate;     /* Hz */
  double speed; /* 2: half as long */
  double pitch; /* 2: an octave up */
  int fine;     /* the better and slower of Rubber Band's engines */
  int formants; /* kept where they are */
} ms_stretching;

/* Samples that come out of so many: at least 1. */
size_t ms_stretch_samples(ms_stretching o, size_t samples);

/* wave (channels, samples), finite -> out (channels, ms_stretch_samples). 0, or -1 and a
   message. */
int ms_time_stretch(ms_stretching o, const real *wave, size_t channels, size_t samples, real *out);

#endif
