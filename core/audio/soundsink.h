/* What libsndfile writes to a file. Its encoders lose some errors of writing: this keeps the
   first, whatever comes after it. */
#ifndef MS_SOUNDSINK_H
#define MS_SOUNDSINK_H

typedef struct {
  int file;  /* open for reading and writing; it stays the caller's */
  int error; /* errno of the first operation that failed, or 0 */
} ms_soundsink;

/* Opens for writing by `info`, an SF_INFO; the sink stays where it is until sf_close. An SNDFILE,
   or NULL as sf_open gives it. */
void *ms_soundsink_open(ms_soundsink *sink, void *info);

/* 0, or -1 and a message where anything could not be written so far. */
int ms_soundsink_check(const ms_soundsink *sink);

#endif
