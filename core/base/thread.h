/* Threads, locks and signals between them: the only door to pthread.h. */
#ifndef MS_THREAD_H
#define MS_THREAD_H

#include <pthread.h>

typedef struct ms_lock { pthread_mutex_t mutex; } ms_lock;
typedef struct ms_signal { pthread_cond_t condition; } ms_signal;
typedef struct ms_thread { pthread_t id; } ms_thread;

#define MS_LOCK_INIT { PTHREAD_MUTEX_INITIALIZER }
#define MS_SIGNAL_INIT { PTHREAD_COND_INITIALIZER }

void ms_lock_init(ms_lock *l);
void ms_lock_end(ms_lock *l);
void ms_lock_take(ms_lock *l);
void ms_lock_give(ms_lock *l);
int ms_lock_try(ms_lock *l); /* 1 when taken */

void ms_signal_init(ms_signal *s);
void ms_signal_end(ms_signal *s);
void ms_signal_wait(ms_signal *s, ms_lock *l); /* l is held; given while waiting */
void ms_signal_wait_shortly(ms_signal *s, ms_lock *l); /* the same, for a twentieth of a second at most */
void ms_signal_one(ms_signal *s);
void ms_signal_all(ms_signal *s);

/* Starts run(arg) with all asynchronous signals blocked, so that Ctrl-C reaches the
   main thread. 0, or -1 and a sentence. */
int ms_thread_start(ms_thread *t, void *(*run)(void *arg), void *arg);
void ms_thread_join(ms_thread *t);

/* release(data) is called when this thread ends; once per thread, later calls are ignored. */
void ms_thread_at_exit(void (*release)(void *data), void *data);

#endif
