/* Sums of what chunks give: the same bits for any number of threads. */
#ifndef MS_CHUNK_SUMS_H
#define MS_CHUNK_SUMS_H

#include <stddef.h>

#include "../../base/thread_pool.h"

typedef double ms_chunk_part(const void *arg, size_t chunk);

typedef struct ms_chunk_sums {
  ms_chunk_part *part;
  const void *arg;
  size_t first;
  double *out;
} ms_chunk_sums;

static inline void ms_chunk_work(void *arg, size_t chunk)
{
  const ms_chunk_sums *s = arg;
  s->out[chunk] = s->part(s->arg, s->first + chunk);
}

/* part(arg, 0) + part(arg, 1) + ..., in this order; the chunks go through a fixed room, one
   room-full after another: no memory. */
static inline double ms_chunk_sum(size_t chunks, ms_chunk_part *part, const void *arg)
{
  enum { ROOM = 64 };
  double room[ROOM], total = 0;
  for (size_t first = 0; first < chunks; first += ROOM) {
    const size_t now = chunks - first < ROOM ? chunks - first : ROOM;
    ms_chunk_sums s = { part, arg, first, room };
    ms_parallel(now, ms_chunk_work, &s);
    for (size_t i = 0; i < now; i++) total += room[i];
  }
  return total;
}

#endif
