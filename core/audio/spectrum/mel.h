/* The matrix from magnitude bins to mel bands. */
#ifndef MS_MEL_H
#define MS_MEL_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_mel {
  size_t bins, bands; /* 2..16385, 1..1024 */
  double rate;        /* samples a second */
  double low, high;   /* Hz: lower edge of the first band, upper edge of the last */
} ms_mel;

/* The paper's: 256 bins to 128 bands, 100..7800 Hz at 16 kHz. */
#define MS_MEL_PAPER ((ms_mel){ 256, 128, 16000, 100, 7800 })

/* Fills matrix (bins, bands): M = X . matrix. The definition of TensorFlow's
   linear_to_mel_weight_matrix: triangles that are straight in mel (HTK), peak 1, no area
   normalisation. The bins kept are spread over 0 .. rate/2 with both ends included, as in
   the authors' code, although the last (Nyquist) bin was dropped: bin k counts as
   k * (rate/2) / (bins - 1) Hz. Bin 0 feeds nothing. 0, or -1 and a message. */
int ms_mel_matrix(ms_mel m, real *matrix);

#endif
