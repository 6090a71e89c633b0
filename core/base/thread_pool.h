/* One pool of threads for all loops over large data. */
#ifndef MS_THREAD_POOL_H
#define MS_THREAD_POOL_H

#include <stddef.h>

/* Calls work(arg, c) for every chunk c in 0..chunks-1, on the pool's threads and the caller's,
   and returns when all are done. Callers cut work by size alone, never by the number of
   threads, and add partial results in chunk order: the same bits for any number of threads.
   A call from inside a chunk, or beside another call, runs on its own thread alone.
   Ctrl-C may cut it off between two chunks: see ms_cut and ms_stop_hold of interrupt.h. */
void ms_parallel(size_t chunks, void (*work)(void *arg, size_t chunk), void *arg);

/* The same for a loop over so many numbers (or sums of products, or what else takes about a
   nanosecond): a few are done by the caller alone before another thread would have woken. */
void ms_parallel_of(size_t numbers, size_t chunks, void (*work)(void *arg, size_t chunk),
                    void *arg);

/* Whether this thread works on a chunk that shares the threads. */
int ms_parallel_inside(void);

/* How many loops the threads have shared so far: a sign of life. */
unsigned long ms_parallel_count(void);

/* How many threads work, the caller included: at first the number of processors. */
int ms_threads(void);

/* In the child of a fork, which has none of the pool's threads: one thread works from now on. */
void ms_thread_pool_forked(void);

/* Changes that number (1..256). 0, or -1 and a message. */
int ms_set_threads(int threads);

#endif
