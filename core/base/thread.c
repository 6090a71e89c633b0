/* Threads, locks and condition variables: the only door to pthread.h. */
#define _GNU_SOURCE
#include "thread.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "error.h"

void ms_mutex_init(ms_mutex *m) { pthread_mutex_init(&m->mutex, NULL); }
void ms_mutex_end(ms_mutex *m) { pthread_mutex_destroy(&m->mutex); }
void ms_lock(ms_mutex *m) { pthread_mutex_lock(&m->mutex); }
void ms_unlock(ms_mutex *m) { pthread_mutex_unlock(&m->mutex); }
int ms_try_lock(ms_mutex *m) { return pthread_mutex_trylock(&m->mutex) == 0; }

void ms_cond_init(ms_cond *c) { pthread_cond_init(&c->condition, NULL); }
void ms_cond_end(ms_cond *c) { pthread_cond_destroy(&c->condition); }
void ms_cond_wake(ms_cond *c) { pthread_cond_broadcast(&c->condition); }

void ms_cond_wait(ms_cond *c, ms_mutex *m)
{
  pthread_cond_wait(&c->condition, &m->mutex);
}

void ms_cond_wait_shortly(ms_cond *c, ms_mutex *m)
{
  enum { SECOND = 1000000000 };
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += SECOND / 20;
  end.tv_sec += end.tv_nsec / SECOND;
  end.tv_nsec %= SECOND;
  pthread_cond_timedwait(&c->condition, &m->mutex, &end);
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

/* ---- forks -------------------------------------------------------------------------------- */
enum { MOST_HELD = 8 };
static ms_mutex *held[MOST_HELD]; /* inner ones first: what stands lower registers earlier */
static int held_count;

static void hold_all(void)
{
  for (int i = held_count; i-- > 0;) ms_lock(held[i]);
}

static void release_all(void)
{
  for (int i = 0; i < held_count; i++) ms_unlock(held[i]);
}

void ms_mutex_over_forks(ms_mutex *m)
{
  if (held_count == 0) pthread_atfork(hold_all, release_all, release_all);
  if (held_count < MOST_HELD) held[held_count++] = m;
}

/* ---- ends of threads ---------------------------------------------------------------------- */
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
