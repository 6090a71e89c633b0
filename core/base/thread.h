/* Threads, locks and condition variables: the only door to pthread.h. */
#ifndef MS_THREAD_H
#define MS_THREAD_H

#include <pthread.h>

typedef struct ms_mutex { pthread_mutex_t mutex; } ms_mutex;
typedef struct ms_cond { pthread_cond_t condition; } ms_cond;
typedef struct ms_thread { pthread_t id; } ms_thread;

#define MS_MUTEX_INIT { PTHREAD_MUTEX_INITIALIZER }
#define MS_COND_INIT { PTHREAD_COND_INITIALIZER }

void ms_mutex_init(ms_mutex *m);
void ms_mutex_end(ms_mutex *m);
void ms_lock(ms_mutex *m);
void ms_unlock(ms_mutex *m);
int ms_try_lock(ms_mutex *m); /* 1 when it was free and is ours now */

/* Waiting unlocks m, which the caller holds, and locks it again before it returns. */
void ms_cond_init(ms_cond *c);
void ms_cond_end(ms_cond *c);
void ms_cond_wait(ms_cond *c, ms_mutex *m);
void ms_cond_wait_shortly(ms_cond *c, ms_mutex *m); /* at most a twentieth of a second */
void ms_cond_wake(ms_cond *c);                      /* all threads that wait for it */

/* Starts run(arg) with all asynchronous signals blocked, so that Ctrl-C reaches the
   main thread. 0, or -1 and a message. */
int ms_thread_start(ms_thread *t, void *(*run)(void *arg), void *arg);
void ms_thread_join(ms_thread *t);

/* m is held while the program forks, so that the child finds it free and what it guards whole. */
void ms_mutex_over_forks(ms_mutex *m);
#define MS_HELD_OVER_FORKS(m) \
  __attribute__((constructor)) static void m##_over_forks(void) { ms_mutex_over_forks(&m); }

/* release(data) is called when this thread ends; once per thread, later calls are ignored. */
void ms_thread_at_exit(void (*release)(void *data), void *data);

#endif
