/* Beats, onsets and pitches of a wave: the only door to aubio. */
#ifndef MS_TRACKING_H
#define MS_TRACKING_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_tracking {
  const char *method; /* aubio's name */
  int rate;           /* Hz */
  int size, hop;      /* samples of a window, and from one to the next; hop <= size */
  double silence;     /* dB below which nothing is found: below full scale for pitch, else below
                         the loudest sample */
  double threshold;   /* of onsets and beats, or the tolerance of pitches; NaN: aubio's own */
  double gap;         /* seconds between onsets at least; NaN: aubio's own */
} ms_tracking;

/* Times in seconds, ascending; `at` is the caller's to free. */
typedef struct ms_times {
  double *at;
  size_t count, room;
} ms_times;

/* All of them: mono wave (samples), finite. 0, or -1 and a message. */
int ms_track_beats(ms_tracking o, const real *wave, size_t samples, ms_times *beats);
int ms_track_onsets(ms_tracking o, const real *wave, size_t samples, ms_times *onsets);

/* One number each for every hop that begins in the wave, ms_track_hops of them: Hz, 0 where no
   pitch is heard, and how sure that is. */
size_t ms_track_hops(ms_tracking o, size_t samples);
int ms_track_pitch(ms_tracking o, const real *wave, size_t samples, real *pitch, real *confidence);

#endif
