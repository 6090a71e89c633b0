/* Whether the time stamps of an Ogg file tell the places of its samples. */
#ifndef MS_OGG_STAMPS_H
#define MS_OGG_STAMPS_H

#include <stddef.h>
#include <stdint.h>

/* Frames that a packet adds to what came before it, given its first `bytes` bytes (at most
   two): of a decode from the start. */
typedef long (*ms_ogg_duration)(void *state, const uint8_t *packet, size_t bytes);

/* Reads all page headers of the file, whose stream begins with `headers` packets that hold
   no sound. 1 where it is one stream, not a chain, and every page's stamp is the sum of
   the durations before it (the last may be lower: padding is cut off there). Libraries
   jump by stamps; where this gives 0, a jump comes out at the wrong place. */
int ms_ogg_stamps_add_up(const char *path, int headers, ms_ogg_duration duration,
                         void *state);

#endif
