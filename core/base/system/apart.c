/* Long work of other people's libraries, done by a child process. */
#define _GNU_SOURCE
#include "apart.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "../error.h"
#include "../interrupt.h"
#include "fork.h"

#define LONG 4e9 /* operations: a quarter of a second or so */
enum { MOST = 8, LOOK = 1000000 /* nanoseconds between two looks */ };

static size_t all_bytes(const ms_apart_block *blocks, int count)
{
  size_t bytes = 1;
  for (int i = 0; i < count; i++) bytes += blocks[i].bytes;
  return bytes;
}

/* Between the blocks and the memory that both processes see; to: 1 into it, 0 out of it. */
static void copy(const ms_apart_block *blocks, int count, char *shared, int to)
{
  for (int i = 0; i < count; shared += blocks[i++].bytes) {
    if (to) memcpy(shared, blocks[i].data, blocks[i].bytes);
    else memcpy(blocks[i].data, shared, blocks[i].bytes);
  }
}

/* Whether the child came to its end by itself. */
static int wait_for(pid_t child)
{
  int status, killed = 0;
  for (;;) {
    const pid_t ended = waitpid(child, &status, killed ? 0 : WNOHANG);
    if (ended == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0 && errno != EINTR) return 0;
    if (!killed && ms_stop_taken()) {
      kill(child, SIGKILL);
      killed = 1;
    } else if (!ended) nanosleep(&(struct timespec){ .tv_nsec = LOOK }, NULL);
  }
}

int ms_apart(double operations, void (*work)(void *arg), void *arg, const ms_apart_block *blocks,
             int count)
{
  const size_t bytes = all_bytes(blocks, count);
  char *shared = operations < LONG || count > MOST || !ms_stop_may() ? MAP_FAILED
      : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const long child = shared == MAP_FAILED ? -1 : ms_process_fork();
  if (child == 0) {
    work(arg);
    copy(blocks, count, shared, 1);
    ms_fork_leave(0);
  }
  int done = 1;
  if (child < 0) work(arg);
  else if ((done = wait_for((pid_t)child))) copy(blocks, count, shared, 0);
  if (shared != MAP_FAILED) munmap(shared, bytes);
  if (done || ms_cut()) return 0;
  return ms_fail("the process that computed it was ended, perhaps for lack of memory");
}
