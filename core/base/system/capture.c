/* What a program writes on its standard output and standard error, kept in files in memory. */
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

static int capture_one(ms_capture *c, int stream)
{
  c->before[stream] = fcntl(stream + 1, F_DUPFD_CLOEXEC, 3);
  c->file[stream] = memfd_create("captured", MFD_CLOEXEC);
  if (c->file[stream] < 0 || fcntl(c->file[stream], F_SETFL, O_APPEND) != 0 ||
      dup2(c->file[stream], stream + 1) < 0)
    return ms_fail("output cannot be captured: %s", strerror(errno));
  return 0;
}

int ms_capture_open(ms_capture *c)
{
  *c = (ms_capture){ .file = { -1, -1 }, .before = { -1, -1 } };
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

size_t ms_capture_read(ms_capture *c, int stream, char *to, size_t room)
{
  struct stat s;
  fflush(stream ? stderr : stdout);
  if (fstat(c->file[stream], &s) == 0 && s.st_size < c->done[stream])
    c->done[stream] = 0; /* somebody opened /dev/stdout anew, which begins it from the start */
  const ssize_t n = pread(c->file[stream], to, room, c->done[stream]);
  if (n <= 0) return 0;
  fallocate(c->file[stream], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, c->done[stream], n);
  c->done[stream] += n;
  return (size_t)n;
}
