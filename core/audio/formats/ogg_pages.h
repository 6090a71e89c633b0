/* Pages of Ogg files, whatever codec is in them: their time stamps, their serial numbers, the end
   of the file. */
#ifndef MS_OGG_PAGES_H
#define MS_OGG_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* Frames that a packet adds to what came before it, given its first `bytes` bytes (at most
   two): of a decode from the start. */
typedef long (*ms_ogg_duration)(void *state, uint8_t *packet, size_t bytes);

/* Reads all page headers of the file, whose stream begins with `headers` packets that hold
   no sound. 1 where it is one stream, not a chain, and every page's stamp is the sum of
   the durations before it (the last may be lower: padding is cut off there). Libraries
   jump by stamps; where this gives 0, a jump comes out at the wrong place. */
int ms_ogg_stamps_add_up(const char *path, int headers, ms_ogg_duration duration,
                         void *state);

/* Whether the file ends within a page. A stream without a mark of its end is whole, as
   the reference decoders and ffmpeg see it: recordings of broadcasts have none. */
int ms_ogg_cut_off(const char *path);

/* Gives all pages of an Ogg file with one stream the serial number 1 and their new check
   sums: libsndfile chooses the number anew each time, and two writes would differ. The file
   is open for reading and writing. 0, or -1 and a message without a name. */
int ms_ogg_renumber(int file);

#endif
