/* A program that writes numbers into a pipe: how foreign decoders are used. */
#ifndef MS_CHILD_H
#define MS_CHILD_H

#include <stddef.h>

typedef struct ms_child {
  long id;    /* 0: none runs */
  int output; /* where its standard output arrives */
  int errors; /* a nameless file that holds its standard error */
} ms_child;

/* Starts argv (NULL-ended, argv[0] looked for in PATH, no shell) with nothing to read.
   0, or -1 and a message, or MS_NO_PROGRAM (base/system/process.h) and a message. */
int ms_child_start(ms_child *c, const char *const argv[]);

/* Reads until `bytes` came or the output ends; how many came. */
size_t ms_child_read(ms_child *c, void *to, size_t bytes);

/* Waits for its end, killing it first if `stop`; 0 if it ended well or was stopped, else
   -1 and the last line of its standard error as the message. */
int ms_child_end(ms_child *c, int stop);

#endif
