/* A program that writes numbers into a pipe: how foreign decoders are used. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../base/error.h"

extern char **environ;

/* Threads that decode block all signals; the child must not inherit that. */
static int set_signals(posix_spawnattr_t *a)
{
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGINT);
  sigaddset(&usual, SIGTERM);
  return posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) ||
         posix_spawnattr_setsigmask(a, &none) || posix_spawnattr_setsigdefault(a, &usual);
}

static int spawn(ms_child *c, const char *const argv[], int output)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&how);
  int status = set_signals(&how);
  if (!status)
    status = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  if (!status) status = posix_spawn_file_actions_adddup2(&files, output, 1);
  if (!status) status = posix_spawn_file_actions_adddup2(&files, c->words, 2);
  if (!status)
    status = posix_spawnp(&c->pid, argv[0], &files, &how, (char *const *)(size_t)argv,
                          environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  return status;
}

static void close_both(ms_child *c)
{
  if (c->output >= 0) close(c->output);
  if (c->words >= 0) close(c->words);
  *c = (ms_child){ .output = -1, .words = -1 };
}

int ms_child_start(ms_child *c, const char *const argv[])
{
  int ends[2];
  *c = (ms_child){ .output = -1, .words = -1 };
  if (pipe2(ends, O_CLOEXEC) != 0) return ms_fail("%s: %s", argv[0], strerror(errno));
  c->output = ends[0];
  c->words = memfd_create("words", MFD_CLOEXEC);
  int status = c->words < 0 ? errno : spawn(c, argv, ends[1]);
  close(ends[1]);
  if (status == 0) return 0;
  close_both(c);
  return status == ENOENT
             ? -2
             : ms_fail("%s could not be started: %s", argv[0], strerror(status));
}

size_t ms_child_read(ms_child *c, void *to, size_t bytes)
{
  size_t got = 0;
  while (got < bytes) {
    ssize_t n = read(c->output, (char *)to + got, bytes - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += (size_t)n;
  }
  return got;
}

/* The last line that it wrote to its standard error. */
static void keep_last_words(const ms_child *c, int code)
{
  char text[512];
  off_t size = lseek(c->words, 0, SEEK_END);
  off_t from = size > (off_t)sizeof text - 1 ? size - (off_t)sizeof text + 1 : 0;
  ssize_t n = pread(c->words, text, sizeof text - 1, from);
  while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) n--;
  text[n > 0 ? n : 0] = '\0';
  char *line = strrchr(text, '\n');
  line = line ? line + 1 : text;
  if (*line) ms_fail("%s", line);
  else ms_fail("it ended with status %d and no word", code);
}

int ms_child_end(ms_child *c, int stop)
{
  if (!c->pid) return 0;
  if (stop) kill(c->pid, SIGKILL);
  int status = 0;
  while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {}
  int well = stop || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (!well)
    keep_last_words(c, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  close_both(c);
  return well ? 0 : -1;
}
