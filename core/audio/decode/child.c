/* A program that writes numbers into a pipe: how foreign decoders are used. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../base/error.h"
#include "../../base/system/process.h"

static void close_all(const int *file, int count)
{
  for (int i = 0; i < count; i++)
    if (file[i] >= 0) close(file[i]);
}

int ms_child_start(ms_child *c, const char *const argv[])
{
  int ends[2] = { -1, -1 }, nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int errors = memfd_create("errors", MFD_CLOEXEC);
  long id = -1;
  if (nothing < 0 || errors < 0 || pipe2(ends, O_CLOEXEC) != 0)
    ms_fail("%s: %s", argv[0], strerror(errno));
  else
    id = ms_process_start(&(ms_command){ .argv = argv, .in = nothing,
                                         .out = ends[1], .err = errors,
                                         .follow = SIGKILL });
  close_all((int[]){ nothing, ends[1] }, 2);
  *c = (ms_child){ .id = id > 0 ? id : 0, .output = ends[0], .errors = errors };
  if (id > 0) return 0;
  close_all((int[]){ ends[0], errors }, 2);
  return (int)id;
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

/* Leaves the last line that it wrote to its standard error as the message. */
static int fail_with_last_line(const ms_child *c, int code)
{
  char text[512];
  off_t size = lseek(c->errors, 0, SEEK_END);
  off_t from = size > (off_t)sizeof text - 1 ? size - (off_t)sizeof text + 1 : 0;
  ssize_t n = pread(c->errors, text, sizeof text - 1, from);
  while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) n--;
  text[n > 0 ? n : 0] = '\0';
  if (strstr(text, "moov atom not found")) /* the last line says "Invalid data found" alone */
    return ms_fail("its index (moov) is missing: the file is cut off, or was never finished");
  char *line = strrchr(text, '\n');
  line = line ? line + 1 : text;
  return *line ? ms_fail("%s", line) : ms_fail("it ended with status %d and no message", code);
}

int ms_child_end(ms_child *c, int stop)
{
  if (!c->id) return 0;
  if (stop) ms_process_signal(c->id, SIGKILL);
  int code = 0, status = ms_process_wait(c->id, -1, &code) < 0 ? -1 : 0;
  if (status == 0 && code != 0 && !stop) status = fail_with_last_line(c, code);
  close_all((int[]){ c->output, c->errors }, 2);
  c->id = 0;
  return stop ? 0 : status;
}
