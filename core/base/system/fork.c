/* A child process that goes on as a copy of this one. */
#define _GNU_SOURCE
#include "fork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../error.h"
#include "../interrupt.h"
#include "../thread_pool.h"

/* Signals of a worker: SIGTERM ends it at once, a terminal's Ctrl-C and end are for the parent, and
   a pipe that nobody reads is an error of a call. */
static void worker_signals(void)
{
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  signal(SIGUSR1, SIG_DFL);
  ms_interrupt_clear();
}

long ms_process_fork(void)
{
  const pid_t parent = getpid();
  sigset_t all, before;
  fflush(NULL); /* or both would write what is waiting */
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before); /* none may meet the parent's handlers in the child */
  const pid_t id = fork();
  if (id == 0) worker_signals();
  const int why = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (id < 0) return ms_fail("no process could be started: %s", strerror(why));
  if (id > 0) return id;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1); /* it ended before it could tell */
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what is printed is seen, however this process ends */
  ms_thread_pool_forked();
  return 0;
}

void ms_fork_leave(int status)
{
  fflush(stdout);
  _exit(status);
}
