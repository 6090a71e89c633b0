/* Headers of MPEG audio frames (MP1, MP2, MP3): finding such audio by what is in a file. */
#ifndef MS_MPEG_HEADER_H
#define MS_MPEG_HEADER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The offset behind the ID3v2 tags that begin at `from`; `from` where there is none. */
uint64_t ms_mpeg_after_tags(FILE *f, uint64_t from);

/* Looks for frames that follow each other, from `from` on: four headers of one kind, or
   fewer that reach the file's end or a tag there. Some kilobytes of other bytes may come
   first. 1 and the first frame's offset, or 0. */
int ms_mpeg_find(FILE *f, uint64_t from, uint64_t *at);

/* Whether such frames follow anywhere in the rest of the file. */
int ms_mpeg_follows(FILE *f, uint64_t from);

/* Whether the length header (Xing, Info) of the frame at `at` counts all there is: 0 too
   where more frames follow its last, as in files joined end to end, or without one. */
int ms_mpeg_length_is_whole(FILE *f, uint64_t at);

#endif
