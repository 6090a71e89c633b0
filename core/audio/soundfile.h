/* Writing audio files. */
#ifndef MS_SOUNDFILE_H
#define MS_SOUNDFILE_H

#include <stddef.h>

#include "../base/real.h"

/* Writes wave (frames, channels), full scale -1..1, to a file whose ending says the kind:
   .wav .flac .aiff .ogg .opus .mp3. `encoding` is "int16", "int24" or "float" where the
   kind has a choice (NULL: int16), else NULL; `quality` 0..1 is for .ogg, .opus and .mp3
   (negative: the library's own). Whole numbers are clipped at full scale. The file
   appears under its name only when it is complete. 0, or -1 and a sentence that names the
   file. */
int ms_soundfile_write(const char *path, const real *wave, size_t frames, int channels,
                       int rate, const char *encoding, double quality);

#endif
