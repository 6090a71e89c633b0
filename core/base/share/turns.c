/* Functions that take turns, a thread for each. */
#include "turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cpu.h"
#include "../error.h"
#include "../thread.h"

enum { MESSAGE = 1024 };
#define UNEQUAL "the micro-batches of a batch do not compute the same"

typedef struct place {
  ms_turns *turns;
  int i, over;
  double *x; /* what it brought to the meeting */
  size_t n;
  ms_thread thread;
} place;

struct ms_turns {
  const ms_turns_job *job;
  ms_mutex lock;
  ms_cond change;
  int turn;    /* whose it is */
  int met;     /* how many wait in this meeting */
  int meetings; /* that are over */
  int failed;  /* nobody meets any more */
  char message[MESSAGE];
  place *at;
  double **x; /* of all, for `add` */
};

static void fail_all(ms_turns *t, const char *message)
{
  if (!t->failed) snprintf(t->message, sizeof t->message, "%s", message);
  t->failed = 1;
}

/* Passes the turn to the next one that is not over. Called with the lock. */
static void pass(ms_turns *t, int i)
{
  for (int k = 1; k <= t->job->count; k++) {
    t->turn = (i + k) % t->job->count;
    if (!t->at[t->turn].over) break;
  }
  ms_cond_wake(&t->change);
}

static void wait_for_turn(ms_turns *t, int i)
{
  while (t->turn != i) ms_cond_wait(&t->change, &t->lock);
}

/* All are here: the sum of what they brought goes to each. */
static void add_up(ms_turns *t)
{
  const int count = t->job->count;
  const size_t n = t->at[0].n;
  for (int k = 0; k < count; k++) {
    if (t->at[k].n != n) return fail_all(t, UNEQUAL);
    t->x[k] = t->at[k].x;
  }
  if (t->job->add(t->job->with, count, t->x, n) != 0) return fail_all(t, ms_error());
  for (int k = 1; k < count; k++) memcpy(t->x[k], t->x[0], n * sizeof *t->x[0]);
}

int ms_turns_meet(ms_turns *t, int i, double *x, size_t n)
{
  ms_lock(&t->lock);
  t->at[i].x = x;
  t->at[i].n = n;
  if (!t->failed && ++t->met == t->job->count) {
    t->met = 0;
    t->meetings++;
    add_up(t);
  }
  const int meetings = t->meetings - (t->met == 0);
  pass(t, i);
  wait_for_turn(t, i);
  if (t->meetings == meetings) fail_all(t, UNEQUAL); /* the turn came round, but not all have met */
  const int failed = t->failed;
  ms_unlock(&t->lock);
  return failed ? ms_fail("%s", t->message) : 0;
}

static void *live(void *arg)
{
  place *p = arg;
  ms_turns *t = p->turns;
  ms_cpu_flush_denormals();
  ms_lock(&t->lock);
  wait_for_turn(t, p->i);
  int status = t->failed;
  ms_unlock(&t->lock);
  if (!status) status = t->job->run(t->job->with, t, p->i);
  ms_lock(&t->lock);
  if (status != 0) fail_all(t, ms_error());
  if (t->met > 0) fail_all(t, UNEQUAL);
  p->over = 1;
  pass(t, p->i);
  ms_unlock(&t->lock);
  return NULL;
}

/* Starts all, the last one first, so that none runs before all are there. How many did. */
static int start_all(ms_turns *t)
{
  for (int i = t->job->count; i-- > 0;) {
    t->at[i] = (place){ .turns = t, .i = i };
    if (ms_thread_start(&t->at[i].thread, live, &t->at[i]) == 0) continue;
    fail_all(t, ms_error());
    for (int k = 0; k <= i; k++) t->at[k].over = 1;
    return i + 1;
  }
  return 0;
}

static int run_all(ms_turns *t)
{
  const int first = start_all(t);
  ms_lock(&t->lock);
  pass(t, t->job->count - 1);
  ms_unlock(&t->lock);
  for (int i = first; i < t->job->count; i++) ms_thread_join(&t->at[i].thread);
  return t->failed ? ms_fail("%s", t->message) : 0;
}

static int run_alone(ms_turns *t)
{
  t->turn = 0;
  t->at[0] = (place){ .turns = t };
  return t->job->run(t->job->with, t, 0);
}

int ms_turns_run(const ms_turns_job *job)
{
  ms_turns t = { .job = job, .lock = MS_MUTEX_INIT, .change = MS_COND_INIT, .turn = -1 };
  t.at = calloc((size_t)job->count, sizeof *t.at);
  t.x = calloc((size_t)job->count, sizeof *t.x);
  int status = t.at && t.x ? 0 : ms_fail("no memory for %d micro-batches", job->count);
  if (status == 0) status = job->count > 1 ? run_all(&t) : run_alone(&t);
  free(t.x);
  free(t.at);
  return status;
}
