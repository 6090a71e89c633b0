/* Tracker modules, played with some of their instruments silent: the only door to libopenmpt. */
#ifndef MS_TRACKER_H
#define MS_TRACKER_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct ms_tracker ms_tracker;

/* Opens a module (MOD, S3M, XM, IT and others) of `size` bytes at the start of its first song; the
   bytes are copied. NULL and a message. */
ms_tracker *ms_tracker_open(const void *bytes, size_t size);
void ms_tracker_close(ms_tracker *t);

double ms_tracker_seconds(const ms_tracker *t);
/* Instruments; samples in formats that have no instruments. */
int ms_tracker_instruments(const ms_tracker *t);

/* Its words, each UTF-8, "" where there are none, and the caller's to give back. */
const char *ms_tracker_name(const ms_tracker *t, int instrument);
const char *ms_tracker_words(const ms_tracker *t, const char *key); /* "title", "artist", ... */
void ms_tracker_give_back(const char *words);

/* Makes an instrument (from 0) silent from the next frame on. 0, or -1 and a message. */
int ms_tracker_mute(ms_tracker *t, int instrument);

/* The next frames, at most so many: stereo (frames, 2), which libopenmpt does not clip. Fewer than
   asked for, once the song has ended. */
size_t ms_tracker_read(ms_tracker *t, int rate, size_t frames, real *stereo);

#endif
