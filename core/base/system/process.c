/* Other programs as child processes, started without a shell. */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../error.h"
#include "../interrupt.h"

/* Redirections and the folder. Descriptors of ours are all closed on exec, except 0..2. */
static int add_redirections(const ms_command *c, posix_spawn_file_actions_t *actions)
{
  const int from[3] = { c->in, c->out, c->err };
  int status = posix_spawn_file_actions_init(actions);
  for (int to = 0; to < 3 && status == 0; to++)
    if (from[to] >= 0) status = posix_spawn_file_actions_adddup2(actions, from[to], to);
  if (c->folder && status == 0)
    status = posix_spawn_file_actions_addchdir_np(actions, c->folder);
  return status;
}

/* The child starts with the signal handling that a shell would give it: what nohup has asked for
   stays. */
static int fresh_signals(posix_spawnattr_t *attributes)
{
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  if (ms_hangup_ignored()) sigdelset(&all, SIGHUP);
  int status = posix_spawnattr_init(attributes);
  if (status == 0) status = posix_spawnattr_setsigmask(attributes, &none);
  if (status == 0) status = posix_spawnattr_setsigdefault(attributes, &all);
  if (status == 0)
    status = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return status;
}

long ms_process_start(const ms_command *c)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t id = -1;
  int status = add_redirections(c, &actions);
  if (status == 0) status = fresh_signals(&attributes);
  if (status == 0) {
    char *const *environment = c->environment ? c->environment : environ;
    status = posix_spawnp(&id, c->argv[0], &actions, &attributes, c->argv, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  if (status == 0) return id;
  if (status == ENOENT && !c->folder)
    return ms_fail("the program %s was not found", c->argv[0]), MS_NO_PROGRAM;
  if (status == ENOENT)
    return ms_fail("the program %s or the folder %s was not found", c->argv[0], c->folder);
  return ms_fail("the program %s could not be started: %s", c->argv[0], strerror(status));
}

static int exit_status(int raw)
{
  return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

/* Sleeps between looks: short at first, so that quick children cost little. */
int ms_process_wait(long id, double seconds, int *status)
{
  double start = ms_clock(), nap = 0.0005;
  int passed_on = 0;
  for (;;) {
    int raw;
    pid_t ended = waitpid((pid_t)id, &raw, WNOHANG);
    if (ended == (pid_t)id) return *status = exit_status(raw), 1;
    if (ended < 0 && errno != EINTR)
      return ms_fail("process %ld cannot be waited for: %s", id, strerror(errno));
    double left = seconds - (ms_clock() - start);
    if (seconds >= 0 && left <= 0) return 0;
    if (ms_asked_to_end() && !passed_on) passed_on = kill((pid_t)id, ms_interrupted()) == 0;
    struct timespec t = { 0, (long)((seconds >= 0 && left < nap ? left : nap) * 1e9) };
    nanosleep(&t, NULL);
    if (nap < 0.02) nap *= 1.5;
  }
}

int ms_process_signal(long id, int number)
{
  if (kill((pid_t)id, number) == 0) return 0;
  return ms_fail("process %ld cannot be signalled: %s", id, strerror(errno));
}

int ms_process_follow(long parent)
{
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    return ms_fail("the end of process %ld cannot be followed: %s", parent, strerror(errno));
  if (getppid() == (pid_t)parent) return 0; /* asked afterwards: it may end at any moment */
  return ms_fail("process %ld, which started this one, has ended", parent);
}

void ms_sleep(double seconds)
{
  double whole = seconds < 0 ? 0 : seconds > 1e9 ? 1e9 : seconds;
  struct timespec t = { (time_t)whole, (long)((whole - (double)(time_t)whole) * 1e9) };
  while (nanosleep(&t, &t) != 0 && errno == EINTR && !ms_interrupted()) continue;
}
