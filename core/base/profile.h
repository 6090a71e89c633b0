/* What each operator costs: counters that run between ms_profile_start and ms_profile_stop, on the
   thread that started them. */
#ifndef MS_PROFILE_H
#define MS_PROFILE_H

#include <stddef.h>

/* Whether this thread counts: look at it first, it is all that counting costs when it is off. */
extern _Thread_local int ms_profile_on;

/* An operator begins now. */
void ms_profile_begin(void);

/* An operator ends now, and another one may begin. name lasts; way: MS_FORWARD, ...; bytes: of the
   numbers that it must read and write at least once. */
enum { MS_FORWARD, MS_BACKWARD, MS_UPDATE };
void ms_profile_end(const char *name, int way, double bytes);

/* Multiply-adds, counted as two, of the operator that runs. */
void ms_profile_work(double flops);

typedef struct ms_profile_row {
  const char *name;
  int way;
  size_t calls;
  double seconds, flops, bytes;
} ms_profile_row;

void ms_profile_start(void);

/* Rows by first appearance, in *rows until the next start; how many. */
size_t ms_profile_stop(const ms_profile_row **rows);

#endif
