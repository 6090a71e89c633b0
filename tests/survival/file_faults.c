/* Files that fail on order: a library that is preloaded into the program. It counts the operations
   on files below FAULT_FOLDER, over all processes together, and at those with the numbers FAULT_AT
   to FAULT_UNTIL does FAULT_DO: ENOSPC, EIO, EROFS (the operation fails with it), SHORT (half of it
   is written), or a signal's name: KILL, INT, TERM, HUP, USR1, which goes to FAULT_TO: self, leader
   (the first process) or group. Each counts only the operations that can meet it.
   Of reads and writes of a file one after another, the 1st, 2nd, 4th, 8th, ... count: the others
   leave nothing that these do not.
   FAULT_TALLY is a file that keeps the count and what was met. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN, CREATE, READ, WRITE, SYNC, CLOSE, RENAME, REMOVE, MAKE, TRUNCATE, OPERATIONS };

static const char *const names[OPERATIONS] = { "open", "create", "read", "write", "sync", "close",
                                               "rename", "remove", "mkdir", "truncate" };

#define ONE(operation) (1u << (operation))
#define CHANGES                                                                                    \
  (ONE(CREATE) | ONE(WRITE) | ONE(SYNC) | ONE(CLOSE) | ONE(RENAME) | ONE(REMOVE) | ONE(MAKE) | \
   ONE(TRUNCATE))

typedef struct kind {
  const char *name;
  int error, signal;
  unsigned meets;
} kind;

static const kind kinds[] = {
  { "ENOSPC", ENOSPC, 0, ONE(CREATE) | ONE(WRITE) | ONE(SYNC) | ONE(RENAME) | ONE(MAKE) },
  { "EIO", EIO, 0, (ONE(OPERATIONS) - 1) & ~ONE(CLOSE) },
  { "EROFS", EROFS, 0, ONE(CREATE) | ONE(RENAME) | ONE(REMOVE) | ONE(MAKE) },
  { "SHORT", 0, 0, ONE(WRITE) },
  { "KILL", 0, SIGKILL, CHANGES },
  { "INT", 0, SIGINT, CHANGES },
  { "TERM", 0, SIGTERM, CHANGES },
  { "HUP", 0, SIGHUP, CHANGES },
  { "USR1", 0, SIGUSR1, CHANGES },
  { NULL, 0, 0, 0 },
};

typedef struct tally {
  atomic_ullong count;
  atomic_int leader;
  char met[512];
} tally;

static tally *shared;
static const kind *what;
static const char *folder, *whom;
static unsigned long long first, last;

static const char *setting(const char *name)
{
  const char *value = getenv(name);
  return value ? value : "";
}

#define REAL(name) ((__typeof__(&name))real_of(#name))

static void *real_of(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

static void map_tally(const char *path)
{
  const int file = REAL(open)(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0 || ftruncate(file, sizeof *shared) != 0) abort();
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) abort();
  REAL(close)(file);
}

__attribute__((constructor)) static void begin(void)
{
  folder = setting("FAULT_FOLDER");
  whom = setting("FAULT_TO");
  first = strtoull(setting("FAULT_AT"), NULL, 10);
  last = strtoull(setting("FAULT_UNTIL"), NULL, 10);
  if (!*folder) return;
  map_tally(setting("FAULT_TALLY"));
  int nobody = 0;
  atomic_compare_exchange_strong(&shared->leader, &nobody, getpid());
  for (const kind *k = kinds; k->name; k++)
    if (strcmp(k->name, setting("FAULT_DO")) == 0) what = k;
}

/* ---- which operations are met ---- */

static int is_inside(const char *path)
{
  char full[PATH_MAX], here[PATH_MAX];
  if (!what) return 0;
  if (path[0] == '/') return strncmp(path, folder, strlen(folder)) == 0;
  if (!getcwd(here, sizeof here)) return 0;
  return snprintf(full, sizeof full, "%s/%s", here, path) > 0 &&
         strncmp(full, folder, strlen(folder)) == 0;
}

static const char *path_of(int file, char path[PATH_MAX])
{
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t n = what ? readlink(link, path, PATH_MAX - 1) : -1;
  path[n < 0 ? 0 : n] = '\0';
  return path;
}

static void send(void)
{
  const pid_t leader = atomic_load(&shared->leader);
  const pid_t target = strcmp(whom, "self") == 0 ? getpid()
                       : strcmp(whom, "group") == 0 ? -leader : leader;
  kill(target, what->signal);
}

/* Whether it is the 3rd, 5th, 6th, 7th, 9th, ... of its kind on that path in a row. */
static int is_repeated(int operation, const char *path)
{
  static char before[PATH_MAX];
  static int operation_before;
  static unsigned row;
  if (operation != operation_before || strcmp(path, before) != 0) row = 0;
  operation_before = operation;
  snprintf(before, sizeof before, "%s", path);
  row++;
  return (operation == WRITE || operation == READ) && (row & (row - 1));
}

/* Whether the operation on that path meets its fault. */
static int meets(int operation, const char *path)
{
  if (!what || !(what->meets & ONE(operation)) || !is_inside(path)) return 0;
  if (is_repeated(operation, path)) return 0;
  const unsigned long long n = atomic_fetch_add(&shared->count, 1) + 1;
  if (n < first || n > last) return 0;
  if (n == first)
    snprintf(shared->met, sizeof shared->met, "%s %.490s", names[operation], path);
  return 1;
}

/* Whether the operation fails, errno set; signals are sent on the way. */
static int fails(int operation, const char *path)
{
  const int kept = errno;
  if (!meets(operation, path)) return errno = kept, 0;
  if (what->signal) send();
  errno = what->error ? what->error : kept;
  return what->error != 0;
}

/* ---- the operations ---- */

static int changes(int flags)
{
  return (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
}

#define OPENS(name)                                                                                \
  int name(const char *path, int flags, ...)                                                       \
  {                                                                                                \
    va_list more;                                                                                  \
    va_start(more, flags);                                                                         \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                  \
    va_end(more);                                                                                  \
    if (fails(changes(flags) ? CREATE : OPEN, path)) return -1;                                    \
    return REAL(name)(path, flags, mode);                                                          \
  }

OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                                                             \
  int name(int at, const char *path, int flags, ...)                                               \
  {                                                                                                \
    va_list more;                                                                                  \
    va_start(more, flags);                                                                         \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                  \
    va_end(more);                                                                                  \
    if (fails(changes(flags) ? CREATE : OPEN, path)) return -1;                                    \
    return REAL(name)(at, path, flags, mode);                                                      \
  }

OPENS_AT(openat)
OPENS_AT(openat64)

ssize_t read(int file, void *data, size_t bytes)
{
  char path[PATH_MAX];
  if (fails(READ, path_of(file, path))) return -1;
  return REAL(read)(file, data, bytes);
}

ssize_t pread(int file, void *data, size_t bytes, off_t at)
{
  char path[PATH_MAX];
  if (fails(READ, path_of(file, path))) return -1;
  return REAL(pread)(file, data, bytes, at);
}

/* A signal and a short write meet it when half is written. */
ssize_t write(int file, const void *data, size_t bytes)
{
  char path[PATH_MAX];
  if (!meets(WRITE, path_of(file, path))) return REAL(write)(file, data, bytes);
  if (what->error) return errno = what->error, -1;
  const ssize_t done = REAL(write)(file, data, (bytes + 1) / 2);
  if (what->signal) send();
  return done;
}

#define ON_FILE(name, operation)                                                                   \
  int name(int file)                                                                               \
  {                                                                                                \
    char path[PATH_MAX];                                                                           \
    if (fails(operation, path_of(file, path))) return -1;                                          \
    return REAL(name)(file);                                                                       \
  }

ON_FILE(fsync, SYNC)
ON_FILE(fdatasync, SYNC)

int close(int file)
{
  char path[PATH_MAX];
  const int flags = what ? fcntl(file, F_GETFL) : -1;
  if (flags >= 0 && changes(flags) && fails(CLOSE, path_of(file, path))) return -1;
  return REAL(close)(file);
}

int ftruncate(int file, off_t bytes)
{
  char path[PATH_MAX];
  if (fails(TRUNCATE, path_of(file, path))) return -1;
  return REAL(ftruncate)(file, bytes);
}

int rename(const char *from, const char *to)
{
  if (fails(RENAME, to)) return -1;
  return REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
  if (fails(CREATE, to)) return -1;
  return REAL(link)(from, to);
}

#define ON_PATH(name, operation)                                                                   \
  int name(const char *path)                                                                       \
  {                                                                                                \
    if (fails(operation, path)) return -1;                                                         \
    return REAL(name)(path);                                                                       \
  }

ON_PATH(unlink, REMOVE)
ON_PATH(rmdir, REMOVE)
ON_PATH(remove, REMOVE)

int mkdir(const char *path, mode_t mode)
{
  if (fails(MAKE, path)) return -1;
  return REAL(mkdir)(path, mode);
}

/* ---- streams, whose own calls no library can stand before ---- */

static ssize_t stream_read(void *cookie, char *data, size_t bytes)
{
  return read((int)(intptr_t)cookie, data, bytes);
}

static ssize_t stream_write(void *cookie, const char *data, size_t bytes)
{
  const ssize_t done = write((int)(intptr_t)cookie, data, bytes);
  return done < 0 ? 0 : done; /* as fopencookie wants it */
}

static int stream_seek(void *cookie, off64_t *at, int whence)
{
  *at = lseek64((int)(intptr_t)cookie, *at, whence);
  return *at < 0 ? -1 : 0;
}

static int stream_close(void *cookie)
{
  return close((int)(intptr_t)cookie);
}

static int flags_of(const char *mode)
{
  const int both = strchr(mode, '+') != NULL;
  if (mode[0] == 'w') return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
  if (mode[0] == 'a') return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
  return both ? O_RDWR : O_RDONLY;
}

static FILE *open_stream(const char *path, const char *mode)
{
  static const cookie_io_functions_t calls = { stream_read, stream_write, stream_seek,
                                               stream_close };
  const int file = open(path, flags_of(mode) | O_CLOEXEC, 0666);
  return file < 0 ? NULL : fopencookie((void *)(intptr_t)file, mode, calls);
}

#define OPENS_STREAM(name)                                                                         \
  FILE *name(const char *path, const char *mode)                                                   \
  {                                                                                                \
    return is_inside(path) ? open_stream(path, mode) : REAL(name)(path, mode);                     \
  }

OPENS_STREAM(fopen)
OPENS_STREAM(fopen64)
