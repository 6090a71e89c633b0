/* Heartbeats: while a process lives, a thread of it renews the time of change of files. */
#define _GNU_SOURCE
#include "heartbeat.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../error.h"
#include "../thread.h"
#include "process.h"

struct ms_heartbeat {
  ms_heartbeat *next;
  char path[];
};

static ms_mutex lock = MS_MUTEX_INIT; /* guards what follows */
MS_HELD_OVER_FORKS(lock)
static ms_heartbeat *beating;
static int begun; /* whether the thread runs; it does so to the end of the program */

static void *beat(void *unused)
{
  for (;;) {
    ms_sleep(MS_HEARTBEAT_SECONDS);
    ms_lock(&lock);
    for (const ms_heartbeat *h = beating; h; h = h->next)
      (void)utimensat(AT_FDCWD, h->path, NULL, 0);
    ms_unlock(&lock);
  }
  return unused;
}

static int begin(void)
{
  ms_thread thread;
  if (!begun && ms_thread_start(&thread, beat, NULL) != 0) return -1;
  begun = 1;
  return 0;
}

ms_heartbeat *ms_heartbeat_start(const char *path)
{
  const size_t bytes = strlen(path) + 1;
  ms_heartbeat *h = malloc(sizeof *h + bytes);
  if (!h) return ms_fail("no memory for the heartbeat of %s", path), NULL;
  memcpy(h->path, path, bytes);
  ms_lock(&lock);
  int status = begin();
  if (status == 0) {
    h->next = beating;
    beating = h;
  }
  ms_unlock(&lock);
  if (status != 0) return free(h), NULL;
  return h;
}

void ms_heartbeat_stop(ms_heartbeat *h)
{
  if (!h) return;
  ms_lock(&lock);
  ms_heartbeat **at = &beating;
  while (*at && *at != h) at = &(*at)->next;
  if (*at) *at = h->next;
  ms_unlock(&lock);
  free(h);
}
