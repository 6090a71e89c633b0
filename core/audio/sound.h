/* Audio files: their properties, any stretch of their samples, and whether they can be decoded to
   the end. */
#ifndef MS_SOUND_H
#define MS_SOUND_H

#include <stdint.h>

#include "decode/sound_info.h"

/* Opens WAV, FLAC, AIFF and the like (libsndfile), MP3 under any name and in WAV
   (libmpg123), Ogg Vorbis (libvorbisfile), Opus (libopusfile); all else, and streams above
   0, through the program ffmpeg. NULL and a message that names the file. */
ms_sound *ms_sound_open(const char *path, int stream);
void ms_sound_close(ms_sound *s); /* NULL is fine */
const ms_sound_info *ms_sound_about(const ms_sound *s);
const char *ms_sound_path(const ms_sound *s);

/* Frames first .. first + count - 1 to out (count, channels). `got` frames came; fewer
   than count means that the file ends there. 0, or -1 and a message when the decoder
   gave up: the `got` frames before are good. */
int ms_sound_read(ms_sound *s, size_t first, size_t count, real *out, size_t *got);

/* Whether something is missing when the file ended after `decoded` frames; if so, `text`
   says what, without the file's name. */
enum { MS_SHORT_TEXT = 128 };
int ms_sound_falls_short(const ms_sound *s, size_t decoded, char text[MS_SHORT_TEXT]);

/* The frames of a file: those declared, or counted by decoding where none are or only
   roughly. 0, or -1 and a message that names the file. */
int ms_sound_length(ms_sound *s, size_t *frames);

/* (frames, channels) -> (frames): the mean of the channels. In place is fine. */
void ms_sound_mono(const real *in, size_t frames, int channels, real *out);

/* What decoding a whole file shows. */
typedef struct ms_sound_report {
  ms_sound_info about;
  size_t decoded;  /* frames; about.frames were declared */
  int complete;    /* no error, and nothing is missing */
  int finite;      /* no NaN and no infinity */
  double peak;     /* largest absolute value of the finite samples */
  double peak_mono; /* the same of the mean of the channels, which is what networks get:
                       channels may cancel */
  double low_mono, high_mono; /* its least and largest value */
  uint64_t content; /* a hash of the means: equal for copies under other names, in other
                       containers, or with the one channel twice */
  char error[512]; /* the decoder's message, or what is missing, or empty */
} ms_sound_report;

/* Decodes all of a file. 0, or -1 and a message when it cannot be opened at all. */
int ms_sound_check(const char *path, int stream, ms_sound_report *report);

#endif
