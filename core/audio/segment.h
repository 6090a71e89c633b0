/* Any stretch of a file at any rate. */
#ifndef MS_SEGMENT_H
#define MS_SEGMENT_H

#include "sound.h"

/* Samples first .. first + count - 1 of a file as it is at `rate` Hz, to out: (count) if
   mono (the mean of the channels, taken before resampling), else (count, channels). `got`
   samples lie within what decodes; the rest is zero. The same numbers as from the whole
   file resampled, up to rounding. 0, or -1 and a sentence that names the file. A damaged
   file gives what decodes: see got, and ms_sound_check. */
int ms_segment_read(ms_sound *s, int rate, size_t first, size_t count, int mono,
                    real *out, size_t *got);

/* The same as a new block for ms_free, (got) or (got, channels): up to `count` samples,
   fewer where the file ends. Memory grows with what decodes, not with what a damaged file
   declares. `notice` tells of damage that cut it short, else it is empty. NULL and a
   sentence that names the file. */
enum { MS_NOTICE = 512 };
real *ms_segment_load(ms_sound *s, int rate, size_t first, size_t count, int mono,
                      size_t *got, char notice[MS_NOTICE]);

#endif
