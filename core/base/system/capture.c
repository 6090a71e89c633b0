/* What a program writes on its standard output and standard error, caught for itself. */
#define _GNU_SOURCE
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../error.h"

static void open_file(ms_capture *c, int ends[2], int stream)
{
  ends[1] = memfd_create("captured", MFD_CLOEXEC);
  ends[0] = ends[1] < 0 ? -1 : fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
  fcntl(ends[1], F_SETFL, O_APPEND);
  c->done[stream] = 0;
}

static void open_pipe(int ends[2])
{
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  fcntl(ends[0], F_SETPIPE_SZ, (int)MS_CAPTURE_PIPE);
}

static int capture_one(ms_capture *c, int stream)
{
  int ends[2] = { -1, -1 };
  if (c->is_pipe) open_pipe(ends);
  else open_file(c, ends, stream);
  c->before[stream] = fcntl(stream + 1, F_DUPFD_CLOEXEC, 3);
  c->file[stream] = ends[0];
  const int status = ends[0] < 0 || dup2(ends[1], stream + 1) < 0
                         ? ms_fail("output cannot be captured: %s", strerror(errno)) : 0;
  if (ends[1] >= 0) close(ends[1]);
  return status;
}

int ms_capture_open(ms_capture *c, int is_pipe)
{
  *c = (ms_capture){ .file = { -1, -1 }, .before = { -1, -1 }, .is_pipe = is_pipe };
  fflush(NULL);
  if (capture_one(c, 0) == 0 && capture_one(c, 1) == 0) return 0;
  ms_capture_close(c);
  return -1;
}

void ms_capture_close(ms_capture *c)
{
  fflush(NULL);
  for (int i = 0; i < 2; i++) {
    if (c->before[i] >= 0) dup2(c->before[i], i + 1), close(c->before[i]);
    if (c->file[i] >= 0) close(c->file[i]);
    c->file[i] = c->before[i] = -1;
  }
}

static ssize_t read_file(ms_capture *c, int stream, char *to, size_t room)
{
  struct stat s;
  fflush(stream ? stderr : stdout);
  if (fstat(c->file[stream], &s) == 0 && s.st_size < c->done[stream])
    c->done[stream] = 0; /* somebody opened /dev/stdout anew, which begins it from the start */
  const ssize_t n = pread(c->file[stream], to, room, c->done[stream]);
  if (n > 0) c->done[stream] += n;
  return n;
}

size_t ms_capture_read(ms_capture *c, int stream, char *to, size_t room)
{
  const ssize_t n = c->is_pipe ? read(c->file[stream], to, room) : read_file(c, stream, to, room);
  return n > 0 ? (size_t)n : 0;
}
