/* Reordering channels between Vorbis or Opus and WAV, whose order waves have here. */
#ifndef MS_OGG_CHANNELS_H
#define MS_OGG_CHANNELS_H

#include <stddef.h>

#include "../../base/real.h"

/* x (frames, channels), in place. WAV, FLAC and ffmpeg have left, right, centre, low, back,
   side; Vorbis and Opus left, centre, right, ..., low. */
void ms_ogg_channels_to_wav(real *x, size_t frames, size_t channels);
void ms_ogg_channels_from_wav(real *x, size_t frames, size_t channels);

#endif
