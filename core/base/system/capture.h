/* What a program writes on its standard output and standard error, kept in files in memory: lines
   of Lua, of C libraries and of child processes alike. */
#ifndef MS_CAPTURE_H
#define MS_CAPTURE_H

#include <stddef.h>
#include <sys/types.h>

typedef struct ms_capture {
  int file[2], before[2]; /* in memory, and what was there before: standard output and error */
  off_t done[2];          /* bytes that were read */
} ms_capture;

int ms_capture_open(ms_capture *c); /* 0, or -1 and a message */
void ms_capture_close(ms_capture *c);

/* The next bytes of stream 0 (output) or 1 (error), whose memory is given back; how many. Any
   thread may read, one at a time. */
size_t ms_capture_read(ms_capture *c, int stream, char *to, size_t room);

#endif
