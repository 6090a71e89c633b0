/* What sound.c asks of a decoder. Each decoder is one file and exports one table. */
#ifndef MS_DECODER_H
#define MS_DECODER_H

#include "sound_info.h"

typedef struct ms_decoder {
  /* Fills s->info and s->state; 0, or -1 and a message without the file's name. */
  int (*open)(ms_sound *s);
  /* As ms_sound_read, from s->at on if `first` differs from it. The frames are those that
     a decode from the start would give there. */
  int (*read)(ms_sound *s, size_t first, size_t count, real *out, size_t *got);
  void (*close)(ms_sound *s); /* state may be NULL */
} ms_decoder;

struct ms_sound {
  ms_sound_info info;
  const ms_decoder *decoder;
  const struct ms_ogg *codec; /* of Ogg: ogg.h */
  void *state;
  size_t at; /* the next frame that the decoder would give */
  int jumps;  /* 1: jumps by time stamps are exact: ogg.c */
  int hole;   /* 1: bytes were missing behind it */
  int stream;
  char path[]; /* as the caller wrote it */
};

/* Reads on from s->at and forgets what comes, until s->at is `first` or the file ends: how
   a decoder that cannot jump exactly gets there. 0, or -1 and a message. */
int ms_sound_skip(ms_sound *s, size_t first);

/* Refuses a file whose rate or channels change: -1 and a message. */
int ms_sound_changes(void);

extern const ms_decoder ms_decoder_sndfile; /* soundfile.c */
extern const ms_decoder ms_decoder_mpeg;    /* mpeg.c */
extern const ms_decoder ms_decoder_vorbis;  /* vorbis.c */
extern const ms_decoder ms_decoder_opus;    /* opus.c */
extern const ms_decoder ms_decoder_ffmpeg;  /* ffmpeg.c */

#endif
