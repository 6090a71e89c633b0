/* Threads, locks and signals between them: the only door to pthread.h. */
#define _GNU_SOURCE
#include "thread.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "error.h"

void ms_lock_init(ms_lock *l) { pthread_mutex_init(&l->mutex, NULL); }
void ms_lock_end(ms_lock *l) { pthread_mutex_destroy(&l->mutex); }
void ms_lock_take(ms_lock *l) { pthread_mutex_lock(&l->mutex); }
void ms_lock_give(ms_lock *l) { pthread_mutex_unlock(&l->mutex); }
int ms_lock_try(ms_lock *l) { return pthread_mutex_trylock(&l->mutex) == 0; }

void ms_signal_init(ms_signal *s) { pthread_cond_init(&s->condition, NULL); }
void ms_signal_end(ms_signal *s) { pthread_cond_destroy(&s->condition); }
void ms_signal_one(ms_signal *s) { pthread_cond_signal(&s->condition); }
void ms_signal_all(ms_signal *s) { pthread_cond_broadcast(&s->condition); }

void ms_signal_wait(ms_signal *s, ms_lock *l)
{
  pthread_cond_wait(&s->condition, &l->mutex);
}

void ms_signal_wait_shortly(ms_signal *s, ms_lock *l)
{
  enum { SECOND = 1000000000 };
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += SECOND / 20;
  end.tv_sec += end.tv_nsec / SECOND;
  end.tv_nsec %= SECOND;
  pthread_cond_timedwait(&s->condition, &l->mutex, &end);
}

int ms_thread_start(ms_thread *t, void *(*run)(void *arg), void *arg)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int status = pthread_create(&t->id, NULL, run, arg);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status == 0 ? 0 : ms_fail("a thread could not be started: %s", strerror(status));
}

void ms_thread_join(ms_thread *t)
{
  pthread_join(t->id, NULL);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local void (*release_mine)(void *);

static void call_release(void *data) { release_mine(data); }
static void make_key(void) { pthread_key_create(&key, call_release); }

void ms_thread_at_exit(void (*release)(void *data), void *data)
{
  pthread_once(&once, make_key);
  if (pthread_getspecific(key)) return;
  release_mine = release;
  pthread_setspecific(key, data);
}
