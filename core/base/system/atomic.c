/* Files that appear whole or not at all: temporary name, fsync, rename. */
#define _GNU_SOURCE
#include "atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../error.h"
#include "../hash.h"
#include "../thread.h"

/* Behind the name of a temporary file: no file of a user's is called so, whose place it would
   take. */
#define ENDING ".ms~"

struct ms_atomic {
  ms_atomic *next; /* in the list of those that this process holds */
  int file;
  uint64_t bytes;
  char path[PATH_MAX];
  char temporary[PATH_MAX];
};

static int refuse(const ms_atomic *f, int why)
{
  if (!f->bytes) return ms_fail("cannot write %s: %s; nothing was changed", f->path, strerror(why));
  return ms_fail("cannot write %s (%" PRIu64 " bytes needed): %s; nothing was changed", f->path,
                 f->bytes, strerror(why));
}

/* A rename would replace a device or a pipe by a file. */
static int check_target(ms_atomic *f, mode_t *mode)
{
  struct stat s;
  *mode = 0666;
  if (stat(f->path, &s) != 0) return 0;
  if (S_ISDIR(s.st_mode)) return refuse(f, EISDIR);
  if (!S_ISREG(s.st_mode))
    return ms_fail("cannot write %s: it is not a regular file", f->path);
  *mode = s.st_mode & 07777;
  return 0;
}

/* ---- the writers of this process ---- */

static ms_mutex lock = MS_MUTEX_INIT; /* guards the list */
MS_HELD_OVER_FORKS(lock)
static ms_atomic *held;

static int same_file(int a, int b)
{
  struct stat x, y;
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

/* Whether this process holds the file itself: waiting for it would be for ever. */
static int is_held(const ms_atomic *f)
{
  int found = 0;
  ms_lock(&lock);
  for (const ms_atomic *g = held; g && !found; g = g->next) found = same_file(f->file, g->file);
  ms_unlock(&lock);
  return found;
}

static void enlist(ms_atomic *f)
{
  ms_lock(&lock);
  f->next = held;
  held = f;
  ms_unlock(&lock);
}

static void delist(const ms_atomic *f)
{
  ms_lock(&lock);
  ms_atomic **at = &held;
  while (*at && *at != f) at = &(*at)->next;
  if (*at) *at = f->next;
  ms_unlock(&lock);
}

/* 0 once the temporary file is locked, -1 where the file system has no locks. */
static int lock_temporary(const ms_atomic *f)
{
  int status;
  do status = flock(f->file, LOCK_EX);
  while (status != 0 && errno == EINTR);
  return status;
}

/* Each machine has a temporary file of its own, since locks may not reach from one to another
   (sshfs; NFS with local_lock, Lustre with localflock). own: each process, too. A name too long
   for the ending keeps a hash of what is cut. */
static int name_temporary(ms_atomic *f, int own)
{
  char host[100] = "", ending[160], process[32] = "";
  const char *slash = strrchr(f->path, '/');
  const int name = slash ? (int)strlen(slash + 1) : (int)strlen(f->path);
  const int folder = (int)strlen(f->path) - name;
  gethostname(host, sizeof host - 1);
  if (own) snprintf(process, sizeof process, ".%ld", (long)getpid());
  int keep = name, n = snprintf(ending, sizeof ending, ".%s%s" ENDING, host, process);
  if (name + n > NAME_MAX) {
    n = snprintf(ending, sizeof ending, ".%08" PRIx32 "%s" ENDING,
                 (uint32_t)(ms_hash_of(f->path) ^ ms_hash_of(host)), process);
    keep = name + n > NAME_MAX ? NAME_MAX - n : name;
  }
  if (folder + keep + n >= (int)sizeof f->temporary) return errno = ENAMETOOLONG, -1;
  memcpy(f->temporary, f->path, (size_t)folder + (size_t)keep);
  memcpy(f->temporary + folder + keep, ending, (size_t)n + 1);
  return 0;
}

/* Where nothing can be locked each writer has a temporary file of its own. */
static int open_own(ms_atomic *f, mode_t mode)
{
  unlink(f->temporary);
  close(f->file);
  if (name_temporary(f, 1) != 0) return -1;
  f->file = open(f->temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (f->file < 0) return -1;
  return is_held(f) ? (errno = EBUSY, -1) : ftruncate(f->file, 0);
}

/* Opens and locks the temporary file. Another writer may rename it away between the two:
   then we hold a file that is no longer ours, and try again. */
static int open_temporary(ms_atomic *f, mode_t mode)
{
  for (;;) {
    struct stat mine, there;
    f->file = open(f->temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    if (f->file < 0) return -1;
    if (is_held(f)) return errno = EBUSY, -1;
    if (lock_temporary(f) != 0) return open_own(f, mode);
    int same = fstat(f->file, &mine) == 0 && lstat(f->temporary, &there) == 0 &&
               mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
    if (same) return ftruncate(f->file, 0);
    close(f->file);
  }
}

/* A link is followed to the file it names, so that the link itself survives the rename. */
static int set_paths(ms_atomic *f, const char *path)
{
  char real_path[PATH_MAX];
  struct stat s;
  if (lstat(path, &s) == 0 && S_ISLNK(s.st_mode) && realpath(path, real_path)) path = real_path;
  if (strlen(path) + sizeof ENDING > sizeof f->temporary)
    return ms_fail("cannot write a file whose path has %zu letters", strlen(path));
  snprintf(f->path, sizeof f->path, "%s", path);
  return name_temporary(f, 0) == 0 ? 0 : refuse(f, errno);
}

ms_atomic *ms_atomic_open(const char *path, uint64_t bytes)
{
  mode_t mode;
  ms_atomic *f = calloc(1, sizeof *f);
  if (!f) return ms_fail("no memory to write %s", path), NULL;
  f->file = -1;
  f->bytes = bytes;
  if (set_paths(f, path) != 0 || check_target(f, &mode) != 0) return free(f), NULL;
  if (open_temporary(f, mode) == 0) return enlist(f), f;
  if (errno == EBUSY) ms_fail("cannot write %s: this program is writing it already", f->path);
  else refuse(f, errno);
  if (f->file >= 0) close(f->file);
  return free(f), NULL;
}

int ms_atomic_file(const ms_atomic *f)
{
  return f->file;
}

int ms_atomic_write(ms_atomic *f, const void *data, size_t bytes)
{
  const char *at = data;
  while (bytes > 0) {
    ssize_t done = write(f->file, at, bytes < (1u << 30) ? bytes : (1u << 30));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return refuse(f, done < 0 ? errno : ENOSPC);
    at += done;
    bytes -= (size_t)done;
  }
  return 0;
}

/* Makes the rename durable. A folder that cannot be synced is no failure. */
static void sync_folder(const char *path)
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
  int d = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (d < 0) return;
  (void)fsync(d);
  close(d);
}

int ms_atomic_commit(ms_atomic *f)
{
  if (fsync(f->file) != 0 || rename(f->temporary, f->path) != 0) {
    refuse(f, errno);
    ms_atomic_cancel(f);
    return -1;
  }
  delist(f);
  close(f->file);
  sync_folder(f->path);
  free(f);
  return 0;
}

void ms_atomic_cancel(ms_atomic *f)
{
  if (!f) return;
  delist(f);
  unlink(f->temporary); /* before the lock goes with the descriptor */
  close(f->file);
  free(f);
}

int ms_atomic_put(const char *path, const void *data, size_t bytes)
{
  ms_atomic *f = ms_atomic_open(path, bytes);
  if (!f) return -1;
  if (ms_atomic_write(f, data, bytes) == 0) return ms_atomic_commit(f);
  ms_atomic_cancel(f);
  return -1;
}

/* Whether the last line lacks its newline: a crash or a full disk cut it short. */
static int cut_short(int file)
{
  struct stat s;
  char last;
  return fstat(file, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 &&
         pread(file, &last, 1, s.st_size - 1) == 1 && last != '\n';
}

int ms_append_line(const char *path, const char *line, size_t bytes)
{
  int file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  char *text = malloc(bytes + 2);
  if (file < 0 || !text) {
    ms_fail("cannot append to %s (%zu bytes needed): %s", path, bytes + 1, strerror(errno));
    if (file >= 0) close(file);
    return free(text), -1;
  }
  size_t n = 0;
  if (cut_short(file)) text[n++] = '\n';
  memcpy(text + n, line, bytes);
  n += bytes;
  text[n++] = '\n';
  ssize_t done = write(file, text, n);
  int why = done < 0 ? errno : ENOSPC;
  free(text);
  if (done == (ssize_t)n && fdatasync(file) != 0 && errno != EINVAL && errno != EROFS)
    done = -1, why = errno; /* EINVAL: a pipe or a device */
  if (close(file) != 0 && done == (ssize_t)n) done = -1, why = errno;
  if (done == (ssize_t)n) return 0;
  return ms_fail("cannot append to %s (%zu bytes needed): %s", path, n, strerror(why));
}
