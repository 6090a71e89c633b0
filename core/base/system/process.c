/* Other programs as child processes, started without a shell. */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../error.h"
#include "../interrupt.h"

/* The child starts with the signal handling that a shell would give it: what nohup has asked for
   stays. */
static void fresh_signals(void)
{
  struct sigaction fresh = { .sa_handler = SIG_DFL };
  for (int number = 1; number < NSIG; number++)
    if (number != SIGHUP || !ms_hangup_ignored()) sigaction(number, &fresh, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Asks for a signal at the parent's end, and then whether it has come too late to be told. */
static void follow(int number, pid_t parent)
{
  if (number && (prctl(PR_SET_PDEATHSIG, number) != 0 || getppid() != parent)) _exit(127);
}

/* Becomes the command. Descriptors of ours are all closed on exec, except 0..2. What it may do here
   is what is safe after vfork: it shares the parent's memory. Returns errno. */
static int become(const ms_command *c, pid_t parent)
{
  const int from[3] = { c->in, c->out, c->err };
  follow(c->follow, parent);
  for (int to = 0; to < 3; to++) {
    const int same = from[to] == to; /* dup2 would leave it closed on exec */
    if (same && fcntl(to, F_SETFD, 0) != 0) return errno;
    if (from[to] >= 0 && !same && dup2(from[to], to) < 0) return errno;
  }
  if (c->folder && chdir(c->folder) != 0) return errno;
  fresh_signals();
  char *const *argv; /* exec changes nothing, which its prototype does not say */
  memcpy(&argv, &c->argv, sizeof argv);
  execvpe(argv[0], argv, c->environment ? c->environment : environ);
  return errno;
}

/* vfork, as memory is not copied however much there is: the parent sleeps until the child has
   become the command, and reads why it could not. */
static pid_t start(const ms_command *c, volatile int *why)
{
  const pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before); /* none may meet the parent's handlers in the child */
  const pid_t id = vfork();
  if (id == 0) {
    *why = become(c, parent);
    _exit(127);
  }
  if (id < 0) *why = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (id > 0 && *why) waitpid(id, NULL, 0);
  return *why ? -1 : id;
}

long ms_process_start(const ms_command *c)
{
  volatile int why = 0;
  const pid_t id = start(c, &why);
  if (id > 0) return id;
  if (why == ENOENT && !c->folder)
    return ms_fail("the program %s was not found", c->argv[0]), MS_NO_PROGRAM;
  if (why == ENOENT)
    return ms_fail("the program %s or the folder %s was not found", c->argv[0], c->folder);
  return ms_fail("the program %s could not be started: %s", c->argv[0], strerror(why));
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

void ms_sleep(double seconds)
{
  double whole = seconds < 0 ? 0 : seconds > 1e9 ? 1e9 : seconds;
  struct timespec t = { (time_t)whole, (long)((whole - (double)(time_t)whole) * 1e9) };
  while (nanosleep(&t, &t) != 0 && errno == EINTR && !ms_interrupted()) continue;
}
