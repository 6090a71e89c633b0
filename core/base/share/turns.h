/* Functions that take turns: each has a thread of its own, so that it may stop in the middle of
   anything and wait for the others, but one alone runs at a time, in a fixed order. */
#ifndef MS_TURNS_H
#define MS_TURNS_H

#include <stddef.h>

typedef struct ms_turns ms_turns;

typedef struct ms_turns_job {
  int count;
  int (*run)(void *with, ms_turns *turns, int i); /* function i: 0, or -1 and a message */
  /* Called when all have met: adds x[0..count-1], n numbers each, up into x[0]. 0, or -1 and a
     message. */
  int (*add)(void *with, int count, double *const *x, size_t n);
  void *with;
} ms_turns_job;

/* Runs all to their end: 0, or -1 and the message of the first that failed. A single one runs on
   the caller's thread. */
int ms_turns_run(const ms_turns_job *job);

/* In function i: waits until all others are here, too; x then is the sum of all x. 0, or -1 and a
   message, also where another one failed or ended before. */
int ms_turns_meet(ms_turns *turns, int i, double *x, size_t n);

#endif
