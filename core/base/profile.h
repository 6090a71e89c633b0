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

/* Multiply-adds, counted as two, of the operator that runs: those of its definition, whatever
   algorithm it takes. */
void ms_profile_work(double flops);

/* Which algorithm the operator that runs takes, one of several: its name, which lasts; what it
   costs, in a unit of the operator's; and the others that could have been taken, with their costs,
   in words. */
enum { MS_PROFILE_TEXT = 96, MS_PROFILE_SOLVERS = 4 };
void ms_profile_solver(const char *name, double cost, const char *others);
typedef struct ms_profile_choice {
  const char *name;
  size_t calls;
  double cost; /* of the last call, as are the others */
  char others[MS_PROFILE_TEXT];
} ms_profile_choice;

/* A loop over `chunks` of about one size took `seconds` on `threads` threads. */
void ms_profile_loop(size_t chunks, int threads, double seconds);

/* on[k]: what `seconds` would be on 2^k cores as fast as these, were memory as fast for all of
   them: loops take as many rounds as their chunks need, the rest stays. */
enum { MS_PROFILE_CORES = 8 };
typedef struct ms_profile_row {
  const char *name;
  int way;
  size_t calls;
  double seconds, flops, bytes, on[MS_PROFILE_CORES];
  size_t solvers;
  ms_profile_choice solver[MS_PROFILE_SOLVERS];
} ms_profile_row;

/* Of the operator that ended last: which algorithms it took; how many. In *choices until the next
   one ends. */
size_t ms_profile_last(const ms_profile_choice **choices);

/* Multiply-adds, counted as two, of all operators that ever ended while this thread counted. */
double ms_profile_flops(void);

void ms_profile_start(void);

/* Rows by first appearance, in *rows until the next start; how many. */
size_t ms_profile_stop(const ms_profile_row **rows);

#endif
