/* All processes that train together: what the computing thread sees of them. */
#define _GNU_SOURCE
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/error.h"
#include "library_of.h"
#include "world_thread.h"

static ms_world world = { .lock = MS_MUTEX_INIT, .change = MS_COND_INIT, .wake = MS_COND_INIT };

int ms_world_is_open(void) { return world.state == MS_WORLD_OPEN; }
int ms_world_rank(void) { return ms_world_is_open() ? world.alive.rank : 0; }
int ms_world_size(void) { return ms_world_is_open() ? world.alive.size : 1; }

const char *ms_world_library(void)
{
  return world.transport ? world.transport->name : "";
}

int ms_world_open(const char *library, double patience)
{
  if (ms_world_is_open()) return 0;
  if (world.state != MS_WORLD_UNBORN)
    return ms_fail("this process has left the others before, and MPI begins once");
  world.transport = ms_transport_load(library);
  if (!world.transport) return -1;
  world.patience = patience;
  if (ms_thread_start(&world.thread, ms_world_live, &world) != 0) return -1;
  ms_lock(&world.lock);
  while (world.state == MS_WORLD_UNBORN) ms_cond_wait(&world.change, &world.lock);
  ms_unlock(&world.lock);
  if (!ms_world_is_open()) return ms_fail("%s could not begin", world.transport->name);
  atexit(ms_world_close);
  return 0;
}

void ms_world_begin(ms_exchange *e)
{
  e->began = ms_clock();
  e->over = 0;
  e->next = NULL;
  ms_lock(&world.lock);
  ms_exchange **last = &world.asked;
  while (*last) last = &(*last)->next;
  *last = e;
  world.own.posted++;
  ms_cond_wake(&world.wake);
  ms_unlock(&world.lock);
}

int ms_world_wait(ms_exchange *e)
{
  ms_lock(&world.lock);
  world.waiting++;
  while (!e->over && !world.failed) ms_cond_wait(&world.change, &world.lock);
  world.waiting--;
  const int failed = !e->over || e->over < 0;
  ms_unlock(&world.lock);
  if (!failed) return 0;
  return ms_fail("%s", world.alive.culprit >= 0 ? world.alive.message : "an exchange has failed");
}

int ms_world_exchange(ms_exchange *e)
{
  ms_world_begin(e);
  return ms_world_wait(e);
}

void ms_world_in_step(int inside)
{
  ms_lock(&world.lock);
  world.own.phase = inside ? MS_IN_STEP : MS_BETWEEN_STEPS;
  ms_unlock(&world.lock);
}

int ms_world_culprit(void)
{
  return world.failed ? world.alive.culprit : -1;
}

const char *ms_world_message(void)
{
  return world.alive.message;
}

void ms_world_end(int status)
{
  ms_lock(&world.lock);
  world.end_status = status ? status : 1;
  world.asked_to = MS_WORLD_END;
  ms_cond_wake(&world.wake);
  ms_unlock(&world.lock);
  sleep(5);
  _exit(world.end_status % 256 ? world.end_status % 256 : 1);
}

/* Waits for the thread. MPI may hang while it ends: MPICH 4.0.2 does over UCX 1.13 and TCP, about
   once in fifteen runs. 0 where it has for longer than anybody may be silent. The caller holds the
   lock. */
static int has_closed(void)
{
  double ending = 0;
  while (world.state != MS_WORLD_CLOSED) {
    ms_cond_wait_shortly(&world.change, &world.lock);
    if (world.state != MS_WORLD_ENDING) continue;
    if (!ending) ending = ms_clock();
    if (ms_clock() - ending > world.patience) return 0;
  }
  return 1;
}

int ms_world_is_stuck(void) { return world.state == MS_WORLD_ENDING; }
int ms_world_lost_others(void) { return ms_world_is_stuck() && !world.alive.all_left; }

void ms_world_close(void)
{
  if (!ms_world_is_open() || ms_world_is_thread()) return;
  ms_lock(&world.lock);
  world.own.phase = MS_LEFT;
  world.asked_to = MS_WORLD_CLOSE;
  ms_cond_wake(&world.wake);
  const int closed = has_closed();
  ms_unlock(&world.lock);
  if (closed) ms_thread_join(&world.thread);
  else fprintf(stderr, "moonstem: %s has not let this process go for %.0f s; it goes without\n",
               world.transport->name, world.patience);
}
