/* What the headers of WAV, RF64, W64, AIFF, CAF and AU declare: the codec, and how many
   bytes of sound there should be. libsndfile cuts a false size to what the file holds and
   says nothing. */
#ifndef MS_CHUNKS_H
#define MS_CHUNKS_H

#include <stdint.h>
#include <stdio.h>

typedef struct ms_chunks {
  int codec;         /* the format tag of WAV, RF64 and W64; elsewhere 0 */
  int riff;          /* 1: WAV or RF64 */
  uint64_t declared; /* bytes of sound; 0: left open, as by programs that write to a pipe */
  uint64_t there;    /* bytes from the first of them to the end of the file */
} ms_chunks;

/* 1, or 0 when it is no such file or holds no sound. */
int ms_chunks_read(FILE *f, ms_chunks *c);
int ms_chunks_of(const char *path, ms_chunks *c);

#endif
