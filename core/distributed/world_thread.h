/* The thread that speaks to the other processes, and what it shares with the others. For the files
   of this folder alone. */
#ifndef MS_WORLD_THREAD_H
#define MS_WORLD_THREAD_H

#include "../base/thread.h"
#include "exchange.h"
#include "liveness.h"

/* states; ENDING: the library is asked to let this process go */
enum { MS_WORLD_UNBORN, MS_WORLD_OPEN, MS_WORLD_ENDING, MS_WORLD_CLOSED };
enum { MS_WORLD_GO_ON, MS_WORLD_CLOSE, MS_WORLD_END }; /* what it is asked to do */

typedef struct ms_world {
  ms_mutex lock; /* guards all but what is the thread's own */
  ms_cond change, wake; /* for those who wait, and for the thread */
  _Atomic int state, asked_to, failed, waiting;
  int end_status;
  ms_peer own;          /* how far this process is */
  ms_exchange *asked;   /* begun, and not yet seen by the thread */
  ms_exchange *going;   /* the thread's own */
  const ms_transport *transport;
  ms_liveness alive;
  double patience;
  ms_thread thread;
} ms_world;

/* The thread's life; arg: the world. */
void *ms_world_live(void *arg);
int ms_world_is_thread(void); /* whether the caller is that thread */

#endif
