/* What Vorbis and Opus in Ogg have in common: gaps, links, jumps, the file's end. */
#ifndef MS_OGG_H
#define MS_OGG_H

#include "decoder.h"

enum { MS_OGG_HOLE = -1, MS_OGG_FAILED = -2 };

/* What a library is asked for. */
typedef struct ms_ogg {
  /* Up to `count` frames to out, as the library orders channels: how many, 0 at the end,
     MS_OGG_HOLE where bytes are missing, MS_OGG_FAILED and a message. */
  long (*next)(ms_sound *s, size_t count, real *out);
  long long (*tell)(ms_sound *s); /* the place of the next frame, by the time stamps */
  int (*seek)(ms_sound *s, size_t to); /* 0 if it worked */
  void (*look)(ms_sound *s); /* sets s->info.rough and s->jumps: ms_ogg_stamps_add_up */
  double lead; /* seconds decoded before a wanted place until the decoder's state is that
                  of a decode from the start */
} ms_ogg;

/* As ms_decoder's read. What follows a lost page comes right behind what was before it, as
   the reference decoders and ffmpeg have it; then s->info.holes is set. */
int ms_ogg_read(ms_sound *s, size_t first, size_t count, real *out, size_t *got);

/* Sets s->codec, s->info.frames to what the time stamps declare (less than 0: nothing), and what
   else they and the file's end say. Stamps with gaps are no damage: lost pages and a cut end
   show by themselves. */
void ms_ogg_declare(ms_sound *s, const ms_ogg *codec, long long frames);

#endif
