/* FLAC files that were joined end to end: libsndfile reads the first and says nothing. */
#ifndef MS_JOINED_FLAC_H
#define MS_JOINED_FLAC_H

/* Whether another FLAC file begins inside the file: its eight bytes of magic and of a first block's
   header, which no coded sound is taken for. 0 also where the file cannot be looked into. */
int ms_flac_is_joined(const char *path);

#endif
