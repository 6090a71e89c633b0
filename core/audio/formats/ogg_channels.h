/* The order of channels in Vorbis and Opus, and that of WAV and of waves here. */
#ifndef MS_OGG_CHANNELS_H
#define MS_OGG_CHANNELS_H

#include <stddef.h>

#include "../../base/real.h"

/* x (frames, channels), in place. WAV, FLAC and ffmpeg have left, right, centre, low, back,
   side; Vorbis and Opus left, centre, right, ..., low. */
void ms_ogg_channels_to_wav(real *x, size_t frames, size_t channels);
void ms_ogg_channels_from_wav(real *x, size_t frames, size_t channels);

#endif
