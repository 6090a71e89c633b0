/* How far a recording is tuned from A = 440 Hz. */
#ifndef MS_TUNING_H
#define MS_TUNING_H

#include <stddef.h>

#include "../../base/real.h"

/* magnitudes (frames, bins), bins = size / 2 + 1 of a transform: the tuning in parts of a step,
   -0.5 to 0.49, of `steps` to the octave; 0 where nothing is heard. librosa's estimate_tuning:
   peaks of 150..4000 Hz, placed by parabolas; of those above the median, the commonest deviation
   in steps of `resolution`. 0, or -1 and a message. */
int ms_tuning(const real *magnitudes, size_t frames, size_t bins, double rate, double steps,
              double resolution, double *tuning);

#endif
