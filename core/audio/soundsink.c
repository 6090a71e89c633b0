/* What libsndfile writes to a file, with the first error kept. */
#include "soundsink.h"

#include <errno.h>
#include <sndfile.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/error.h"

/* Keeps errno where an operation failed; returns what it gave. */
static sf_count_t kept(ms_soundsink *sink, sf_count_t result)
{
  if (result < 0 && !sink->error) sink->error = errno;
  return result;
}

static sf_count_t length_of(void *user)
{
  ms_soundsink *sink = user;
  struct stat s;
  return fstat(sink->file, &s) == 0 ? s.st_size : kept(sink, -1);
}

static sf_count_t seek_to(sf_count_t offset, int whence, void *user)
{
  ms_soundsink *sink = user;
  return kept(sink, lseek(sink->file, offset, whence));
}

static sf_count_t tell(void *user)
{
  return seek_to(0, SEEK_CUR, user);
}

static sf_count_t read_bytes(void *data, sf_count_t bytes, void *user)
{
  ms_soundsink *sink = user;
  ssize_t n;
  do n = read(sink->file, data, (size_t)bytes);
  while (n < 0 && errno == EINTR);
  return n < 0 ? (kept(sink, n), 0) : n;
}

static sf_count_t write_bytes(const void *data, sf_count_t bytes, void *user)
{
  ms_soundsink *sink = user;
  sf_count_t done = 0;
  while (done < bytes && !sink->error) {
    ssize_t n = write(sink->file, (const char *)data + done, (size_t)(bytes - done));
    if (n >= 0) done += n;
    else if (errno != EINTR) kept(sink, n);
  }
  return done;
}

void *ms_soundsink_open(ms_soundsink *sink, void *info)
{
  static SF_VIRTUAL_IO operations = { length_of, seek_to, read_bytes, write_bytes, tell };
  return sf_open_virtual(&operations, SFM_WRITE, info, sink);
}

int ms_soundsink_check(const ms_soundsink *sink)
{
  return sink->error ? ms_fail("writing failed: %s", strerror(sink->error)) : 0;
}
