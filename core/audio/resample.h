/* Changing the sampling rate (libsoxr, "HQ": 20-bit precision, flat to 0.91 of the
   Nyquist frequency, linear phase). */
#ifndef MS_RESAMPLE_H
#define MS_RESAMPLE_H

#include <stddef.h>

#include "../base/real.h"

/* How many samples `count` samples become: ceil(count * to / from), all whose time lies before
   the end of the last one. */
size_t ms_resample_length(size_t count, int from, int to);

/* in (frames, channels) at `from` Hz -> out (length, channels) at `to` Hz, where length is
   ms_resample_length's: output sample j is the wave at time j / to, the input starting at
   time 0; outside of the input the wave is zero. 0, or -1 and a message. */
int ms_resample(const real *in, size_t frames, int channels, int from, int to, real *out);

/* The same bits piece by piece, however large the pieces are, in memory that does not grow.
   The source gives up to `count` frames of (channels); fewer only at its end. */
typedef size_t ms_frames_source(void *arg, real *out, size_t count);
typedef struct ms_resampler ms_resampler;

/* Its first output sample is that at time skip / to. `from` and `to` differ. NULL and a
   message. */
ms_resampler *ms_resampler_new(int channels, int from, int to, size_t skip,
                               ms_frames_source *more, void *arg);

/* The next `count` frames: zeros behind the input's end. 0, or -1 and a message. */
int ms_resampler_read(ms_resampler *r, real *out, size_t count);
void ms_resampler_free(ms_resampler *r); /* NULL is fine */

/* Where to start and how much to read so that output samples first .. first + count - 1
   come out as they would from the whole wave, up to rounding (2e-7 of full scale,
   measured): input frames start .. start + frames - 1, then a resampler with `skip`.
   Starts lie where the two time grids meet, so that the filter's phases are the same. */
typedef struct ms_resample_window {
  size_t start, frames, skip;
} ms_resample_window;

ms_resample_window ms_resample_reach(size_t first, size_t count, int from, int to);

#endif
