/* The thread that speaks to the other processes: exchanges go on while the program computes, and
   notes are sent and read. It alone calls MPI. */
#define _GNU_SOURCE
#include "world_thread.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/real.h"
#include "../base/thread_pool.h"

enum { MINUTE = 60 };
enum { EAGER = 1 << 14, NAP = 50, LONG_NAP = 500 }; /* looks in a row; microseconds */

static _Thread_local int is_thread;

int ms_world_is_thread(void) { return is_thread; }

/* ---- sums in a tree --------------------------------------------------------------------------
   At level l, rank r = (2k + 1) 2^l sends its sum to rank 2k 2^l, which adds it to its own; in the
   end rank 0's goes to all. So the sum is ((0+1)+(2+3))+..., whatever the library does. */
enum { TREE_TAG = 1 };

static size_t bytes_of(const ms_exchange *e)
{
  return e->count * (e->kind == MS_SUM_REALS    ? sizeof(real)
                     : e->kind == MS_SUM_DOUBLES ? sizeof(double)
                                                 : 1);
}

static void add_other(ms_exchange *e)
{
  if (e->kind == MS_SUM_DOUBLES) {
    double *x = e->data;
    const double *y = e->other;
    for (size_t i = 0; i < e->count; i++) x[i] += y[i];
  } else {
    real *x = e->data;
    const real *y = e->other;
    for (size_t i = 0; i < e->count; i++) x[i] += y[i];
  }
}

enum { RECEIVE, SEND, SPREAD }; /* the part of the sum that is under way */

static void *spread(const ms_world *w, ms_exchange *e)
{
  e->part = SPREAD;
  return w->transport->broadcast(e->data, bytes_of(e), 0);
}

/* The request of the next part that this rank has in the sum; NULL: refused. */
static void *next_part(const ms_world *w, ms_exchange *e)
{
  const int rank = w->alive.rank, size = w->alive.size;
  const size_t bytes = bytes_of(e);
  for (; 1 << e->level < size; e->level++) {
    const int side = 1 << e->level;
    if (rank & side) {
      e->part = SEND;
      return w->transport->send(e->data, bytes, rank - side, TREE_TAG);
    }
    if (rank + side >= size) continue;
    e->part = RECEIVE;
    if (!e->other) e->other = malloc(bytes);
    return e->other ? w->transport->receive(e->other, bytes, rank + side, TREE_TAG) : NULL;
  }
  return spread(w, e);
}

/* A part is done; whether that was not the last one. */
static int tree_goes_on(const ms_world *w, ms_exchange *e)
{
  if (e->part == SPREAD) return 0;
  if (e->part == SEND) return e->request = spread(w, e), 1;
  add_other(e);
  e->level++;
  e->request = next_part(w, e);
  return 1;
}

/* ---- exchanges ------------------------------------------------------------------------------ */
static void *begun(const ms_world *w, ms_exchange *e)
{
  const ms_transport *t = w->transport;
  e->level = 0;
  e->other = NULL;
  if (e->kind == MS_BROADCAST) return t->broadcast(e->data, e->count, e->root);
  if (e->tree) return next_part(w, e);
  if (e->kind == MS_SUM_DOUBLES) return t->sum_doubles(e->data, e->count);
#ifdef MS_DOUBLE
  return t->sum_doubles(e->data, e->count);
#else
  return t->sum_floats(e->data, e->count);
#endif
}

static void end_exchange(ms_world *w, ms_exchange *e, int how)
{
  free(e->other);
  e->other = NULL;
  e->ended = ms_clock();
  ms_lock(&w->lock);
  e->over = how;
  ms_cond_wake(&w->change);
  ms_unlock(&w->lock);
}

/* Moves one exchange on; 1 while it goes on. */
static int moved_on(ms_world *w, ms_exchange *e)
{
  if (!e->request) return end_exchange(w, e, -1), 0;
  const int how = w->transport->test(e->request);
  if (how == 0) return 1;
  if (how > 0 && e->tree && tree_goes_on(w, e)) return 1;
  end_exchange(w, e, how);
  return 0;
}

/* Whether something has ended. */
static int move_all_on(ms_world *w)
{
  int ended = 0;
  for (ms_exchange **at = &w->going; *at;) {
    ms_exchange *next = (*at)->next;
    if (moved_on(w, *at)) at = &(*at)->next;
    else *at = next, ended = 1;
  }
  return ended;
}

/* Sums in a tree go on alone: parts of two would not follow each other in one order everywhere. */
static int may_begin(const ms_world *w, const ms_exchange *e)
{
  if (!w->going) return 1;
  for (const ms_exchange *other = w->going; other; other = other->next)
    if (other->tree) return 0;
  return !e->tree;
}

/* Takes what was asked for next out of its queue; NULL: nothing may begin. */
static ms_exchange *next_asked(ms_world *w)
{
  ms_lock(&w->lock);
  ms_exchange *e = w->asked;
  if (e && !may_begin(w, e)) e = NULL;
  if (e) w->asked = e->next;
  ms_unlock(&w->lock);
  return e;
}

static void take_asked(ms_world *w)
{
  for (ms_exchange *e; (e = next_asked(w));) {
    ms_exchange **last = &w->going;
    while (*last) last = &(*last)->next;
    *last = e;
    e->next = NULL;
    e->request = begun(w, e);
  }
}

/* ---- its life ------------------------------------------------------------------------------- */
/* Nobody will touch what was begun any more: those who wait are told. */
static void give_up(ms_world *w)
{
  ms_lock(&w->lock);
  w->failed = 1;
  w->asked = w->going = NULL;
  ms_cond_wake(&w->change);
  ms_unlock(&w->lock);
}

/* Tells and hears who is alive. */
static void look_round(ms_world *w, int soon)
{
  if (w->failed) return;
  ms_lock(&w->lock);
  ms_peer own = w->own;
  ms_unlock(&w->lock);
  own.work = ms_parallel_count();
  own.process = (int)getpid();
  ms_liveness_turn(&w->alive, w->transport, &own, soon);
  if (w->alive.culprit >= 0) give_up(w);
}

/* Waits for work, or a moment where there is some: not long where somebody waits for it. */
static void rest(ms_world *w, int looks)
{
  if (w->going) {
    if (!w->waiting) usleep(NAP);
    else if (looks < EAGER) sched_yield();
    else usleep(LONG_NAP);
    return;
  }
  ms_lock(&w->lock);
  if (!w->asked && w->asked_to == MS_WORLD_GO_ON) ms_cond_wait_shortly(&w->wake, &w->lock);
  ms_unlock(&w->lock);
}

static void work(ms_world *w)
{
  int looks = 0;
  while (w->asked_to == MS_WORLD_GO_ON) {
    take_asked(w);
    looks = move_all_on(w) ? 0 : looks + 1;
    look_round(w, 0);
    rest(w, looks);
  }
}

/* The first rank that is left may save the run before it leaves; then it ends all. */
static int ends_all(const ms_world *w)
{
  return w->failed && w->alive.rank == (w->alive.culprit == 0);
}

static void set_state(ms_world *w, int state)
{
  ms_lock(&w->lock);
  w->state = state;
  ms_cond_wake(&w->change);
  ms_unlock(&w->lock);
}

/* Leaves once all do. Where somebody is lost, the first that is left is given a minute. */
static void leave(ms_world *w)
{
  double lost_at = 0;
  for (int soon = 1; w->asked_to != MS_WORLD_END && !w->alive.all_left; soon = 0) {
    look_round(w, soon);
    if (w->failed && !lost_at) lost_at = ms_clock();
    if (ends_all(w) || (lost_at && ms_clock() - lost_at > MINUTE)) break;
    usleep(1000);
  }
  set_state(w, MS_WORLD_ENDING);
  if (!w->alive.all_left) w->transport->end(w->end_status);
  look_round(w, 1); /* the others hear that all have left */
  w->transport->close();
}

void *ms_world_live(void *arg)
{
  ms_world *w = arg;
  int rank = 0, size = 1;
  is_thread = 1;
  int status = w->transport->open(&rank, &size);
  if (status == 0) status = ms_liveness_open(&w->alive, rank, size, w->patience);
  set_state(w, status == 0 ? MS_WORLD_OPEN : MS_WORLD_CLOSED);
  if (status != 0) return NULL;
  work(w);
  leave(w);
  ms_liveness_close(&w->alive);
  set_state(w, MS_WORLD_CLOSED);
  return NULL;
}
