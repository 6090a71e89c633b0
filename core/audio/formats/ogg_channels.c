/* The order of channels in Vorbis and Opus: Vorbis I, section 4.3.9. */
#include "ogg_channels.h"

#include <string.h>

/* Where the channels of WAV are in Ogg, for up to 8 of them. */
static const unsigned char place[9][8] = {
  [3] = { 0, 2, 1 },          [5] = { 0, 2, 1, 3, 4 },
  [6] = { 0, 2, 1, 5, 3, 4 }, [7] = { 0, 2, 1, 6, 5, 3, 4 },
  [8] = { 0, 2, 1, 7, 5, 6, 3, 4 },
};

static void reorder(real *x, size_t frames, size_t channels, int to_wav)
{
  if (channels < 3 || channels == 4 || channels > 8) return; /* the orders are the same */
  const unsigned char *of = place[channels];
  real frame[8];
  for (size_t i = 0; i < frames; i++, x += channels) {
    for (size_t c = 0; c < channels; c++)
      if (to_wav) frame[c] = x[of[c]];
      else frame[of[c]] = x[c];
    memcpy(x, frame, channels * sizeof *x);
  }
}

void ms_ogg_channels_to_wav(real *x, size_t frames, size_t channels)
{
  reorder(x, frames, channels, 1);
}

void ms_ogg_channels_from_wav(real *x, size_t frames, size_t channels)
{
  reorder(x, frames, channels, 0);
}
