/* What Vorbis and Opus in Ogg have in common: gaps, links, jumps, the file's end. */
#ifndef MS_OGG_H
#define MS_OGG_H

#include "decoder.h"

enum { MS_OGG_HOLE = -1, MS_OGG_FAILED = -2 };

/* What a library is asked for. */
typedef struct ms_ogg {
  /* Up to `count` frames to out, as the library orders channels: how many, 0 at the end,
     MS_OGG_HOLE where bytes are missing, MS_OGG_FAILED and a sentence. */
  long (*next)(ms_sound *s, size_t count, real *out);
  long long (*tell)(ms_sound *s); /* the place of the next frame, by the time stamps */
  int (*seek)(ms_sound *s, size_t to); /* 0 if it worked */
  double lead; /* seconds decoded before a wanted place until the decoder's state is that
                  of a decode from the start */
} ms_ogg;

/* As ms_decoder's read. Lost pages are read as silence, so that what follows keeps its
   place; then s->info.holes is set. */
int ms_ogg_read(ms_sound *s, const ms_ogg *codec, size_t first, size_t count, real *out,
                size_t *got);

/* Whether the file ends within a page. A stream without a mark of its end is whole, as
   the reference decoders and ffmpeg see it: recordings of broadcasts have none. */
int ms_ogg_cut_off(const char *path);

/* The refusal where a link of a chain has another rate or other channels. */
int ms_ogg_other_link(void);

#endif
