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

/* The time now, in seconds, for ms_profile_loop. */
double ms_profile_clock(void);

/* A loop over `chunks` of about one size took `seconds` on `threads` threads. */
void ms_profile_loop(size_t chunks, int threads, double seconds);

/* on[k]: what `seconds` would be on 2^k cores as fast as these, were memory as fast for all of them: loops
   take as many rounds as their chunks need, the rest stays. */
enum { MS_PROFILE_CORES = 8 };
typedef struct ms_profile_row {
  const char *name;
  int way;
  size_t calls;
  double seconds, flops, bytes, on[MS_PROFILE_CORES];
} ms_profile_row;

void ms_profile_start(void);

/* Rows by first appearance, in *rows until the next start; how many. */
size_t ms_profile_stop(const ms_profile_row **rows);

#endif
