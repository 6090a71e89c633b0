/* Any stretch of a file at any rate, whole or piece by piece. */
#ifndef MS_SEGMENT_H
#define MS_SEGMENT_H

#include "../tensor/tensor.h"
#include "sound.h"

enum { MS_NOTICE = 512 };

/* Samples first .. first + count - 1 of a file as it is at `rate` Hz: (count) if mono (the
   mean of the channels, taken before resampling), else (count, channels). The same numbers
   as from the whole file resampled, up to rounding. */
typedef struct ms_stretch {
  int rate, mono;
  size_t first, count;
} ms_stretch;

/* A stretch in order. Memory does not grow with its length. `s` must stay open and be
   freshly opened. NULL and a message that names the file. */
typedef struct ms_stream ms_stream;
ms_stream *ms_stream_new(ms_sound *s, ms_stretch t);
void ms_stream_free(ms_stream *m); /* NULL is fine */

/* The next samples to out, which has room for `count` of them: `got` came, fewer than count
   at the end. The sizes of the pieces change no bit. A damaged file gives what decodes. 0,
   or -1 and a message that names the file when nothing can be decoded at all. */
int ms_stream_read(ms_stream *m, real *out, size_t count, size_t *got);

/* The first frame decoded so far with a sample that is not finite, or beyond MS_ODD: its
   number in the file, from 0, and that sample. 0 where there is none yet. */
#define MS_ODD 1e6 /* 120 dB above full scale: spectra and networks end at infinity */
int ms_stream_odd(const ms_stream *m, size_t *frame, real *sample);

/* What cut the stretch short, naming the file; "" where nothing did. Known at the end. */
const char *ms_stream_notice(const ms_stream *m);

/* A whole stretch to out: `got` samples lie within what decodes; the rest is zero. 0, or -1
   and a message that names the file. */
int ms_segment_read(ms_sound *s, ms_stretch t, real *out, size_t *got);

/* The same as a new tensor (got) or (got, channels): up to t.count samples, fewer where the
   file ends. Memory grows with what decodes, not with what a damaged file declares: at most
   twice the result. NULL and a message that names the file, also where there is none. */
ms_tensor *ms_segment_load(ms_sound *s, ms_stretch t, char notice[MS_NOTICE]);

#endif
