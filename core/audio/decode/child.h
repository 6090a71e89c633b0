/* A program that writes numbers into a pipe: how foreign decoders are used. */
#ifndef MS_CHILD_H
#define MS_CHILD_H

#include <stddef.h>
#include <sys/types.h>

typedef struct ms_child {
  pid_t pid;  /* 0: none */
  int output; /* where its standard output arrives */
  int words;  /* a nameless file that holds its standard error */
} ms_child;

/* Starts argv (NULL-ended, argv[0] looked for in PATH, no shell) with nothing to read.
   0, or -1 and a sentence; a missing program is told apart: -2 and no sentence. */
int ms_child_start(ms_child *c, const char *const argv[]);

/* Reads until `bytes` came or the output ends; how many came. */
size_t ms_child_read(ms_child *c, void *to, size_t bytes);

/* Waits for its end, killing it first if `stop`; 0 if it ended well or was stopped, else
   -1 and the last line of its standard error as the sentence. */
int ms_child_end(ms_child *c, int stop);

#endif
