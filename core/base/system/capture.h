/* What a program writes on its standard output and standard error, caught for itself: lines of Lua,
   of C libraries and of child processes alike. */
#ifndef MS_CAPTURE_H
#define MS_CAPTURE_H

#include <stddef.h>
#include <sys/types.h>

enum { MS_CAPTURE_PIPE = 1 << 20 }; /* bytes that a pipe holds */

typedef struct ms_capture {
  int file[2], before[2]; /* where it goes, and what was there: standard output and error */
  int is_pipe;
  off_t done[2];          /* bytes that were read of files */
} ms_capture;

/* Into files in memory, which hold all until it is read; or into pipes, whose writers wait where
   nobody reads: another thread must, and standard output must have no buffer. 0, or -1 and a
   message. */
int ms_capture_open(ms_capture *c, int is_pipe);
void ms_capture_close(ms_capture *c);

/* The next bytes of stream 0 (output) or 1 (error), without waiting; how many. */
size_t ms_capture_read(ms_capture *c, int stream, char *to, size_t room);

#endif
