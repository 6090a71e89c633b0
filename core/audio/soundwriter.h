/* Writing audio files, piece by piece. */
#ifndef MS_SOUNDWRITER_H
#define MS_SOUNDWRITER_H

#include <stddef.h>

#include "../base/real.h"

typedef struct ms_soundwriter_options {
  int rate, channels;
  const char *encoding; /* "int16", "int24" or "float" where the kind has a choice (NULL:
                           int16), else NULL */
  double quality;       /* 0..1 for .ogg, .opus and .mp3; negative: the library's own */
} ms_soundwriter_options;

typedef struct ms_soundwriter ms_soundwriter;

/* Opens a file whose ending says the kind: .wav .flac .aiff .ogg .opus .mp3. It appears
   under its name when it is finished, and only then. NULL and a message that names it. */
ms_soundwriter *ms_soundwriter_open(const char *path, ms_soundwriter_options o);

/* Appends wave (frames, channels) times `gain`; full scale is -1..1. Whole numbers are
   rounded to the nearest step; all but floats are clipped at full scale, and must be
   finite. 0, or -1 and a message that names the file; then only cancel is left to do. */
int ms_soundwriter_write(ms_soundwriter *w, const real *wave, size_t frames, double gain);

/* How many samples were clipped so far, and the largest magnitude that came. */
size_t ms_soundwriter_clipped(const ms_soundwriter *w, double *peak);

/* Completes the file and frees w, also on failure. 0, or -1 and a message. */
int ms_soundwriter_finish(ms_soundwriter *w);

/* Removes what was written and frees w; NULL is fine. */
void ms_soundwriter_cancel(ms_soundwriter *w);

/* All of the above for one wave. One that passes full scale is scaled as a whole by 1 / peak,
   unless it is written as floats; `gain` becomes that factor, 1 where it was not scaled. */
int ms_soundwriter_put(const char *path, ms_soundwriter_options o, const real *wave,
                       size_t frames, double *gain);

#endif
