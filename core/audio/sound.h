/* Audio files: what they are, any stretch of them as numbers, whether they are sound. */
#ifndef MS_SOUND_H
#define MS_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "../base/real.h"

/* A frame is one sample of every channel. */
typedef struct ms_sound_info {
  size_t frames; /* as declared: a damaged file may hold fewer */
  int cut_off;   /* 1: the part that would tell is missing, as in a truncated Ogg; frames 0 */
  int rate;      /* frames a second, 1 kHz..10 MHz */
  int channels;  /* 1..64 */
  char format[48];
} ms_sound_info;

typedef struct ms_sound ms_sound;

/* Opens WAV, FLAC, OGG, Opus, AIFF and the like (libsndfile), MP3 (libmpg123), or stream
   `stream` (from 0) of an MP4 (the program ffmpeg). NULL and a sentence that names the
   file. What is read depends on the file and the place alone only from a freshly opened
   sound: lossy decoders carry a state from one place to the next (libsndfile 1.2.0 was
   seen to return wrong Vorbis samples after a second seek). */
ms_sound *ms_sound_open(const char *path, int stream);
void ms_sound_close(ms_sound *s); /* NULL is fine */
const ms_sound_info *ms_sound_about(const ms_sound *s);
const char *ms_sound_path(const ms_sound *s);

/* Frames first .. first + count - 1 to out (count, channels). `got` frames came; fewer
   than count means that the file ends there. 0, or -1 and a sentence when the decoder
   gave up: the `got` frames before are good. */
int ms_sound_read(ms_sound *s, size_t first, size_t count, real *out, size_t *got);

/* Whether `decoded` frames are fewer than declared; lossy formats may lack four MPEG
   frames, since encoders count their ends differently. */
int ms_sound_falls_short(const ms_sound *s, size_t decoded);

/* (frames, channels) -> (frames): the mean of the channels. In place is fine. */
void ms_sound_mono(const real *in, size_t frames, int channels, real *out);

/* What decoding a whole file shows. */
typedef struct ms_sound_report {
  ms_sound_info about;
  size_t decoded;  /* frames; about.frames were declared */
  int complete;    /* no error, and all that was declared */
  int finite;      /* no NaN and no infinity */
  double peak;     /* largest absolute value of the finite samples */
  double peak_mono; /* the same of the mean of the channels, which is what networks hear:
                       channels may cancel */
  uint64_t content; /* a hash of the means: equal for copies under other names, in other
                       containers, or with the one channel twice */
  char error[512]; /* the decoder's sentence, or empty */
} ms_sound_report;

/* Decodes all of a file. 0, or -1 and a sentence when it cannot be opened at all. */
int ms_sound_check(const char *path, int stream, ms_sound_report *report);

#endif
