/* Time in seconds. */
#ifndef MS_CLOCK_H
#define MS_CLOCK_H

#include <time.h>

static inline double ms_seconds(struct timespec t)
{
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double ms_seconds_of(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return ms_seconds(t);
}

/* Of a clock that only goes forward, for measuring. */
static inline double ms_clock(void)
{
  return ms_seconds_of(CLOCK_MONOTONIC);
}

/* Since 1970. */
static inline double ms_now(void)
{
  return ms_seconds_of(CLOCK_REALTIME);
}

#endif
