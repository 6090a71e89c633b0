/* ms.sys: files, folders, time, signals, the machine. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../base/clock.h"
#include "../../base/cpu.h"
#include "../../base/error.h"
#include "../../base/system/atomic.h"
#include "../../base/system/heartbeat.h"
#include "../../base/system/process.h"
#include "../../io/numbers.h"
#include "../handle.h"
#include "../io/records.h"
#include "../open.h"
#include "../options.h"
#include "../results.h"
#include "children.h"
#include "signals.h"

#define HEARTBEAT "moonstem.heartbeat"
#define FOLDER "moonstem.names"

static int refuse(lua_State *L, const char *what, const char *path)
{
  ms_fail("%s %s: %s", what, path, strerror(errno));
  return lms_refuse(L);
}

/* ---- files and folders --------------------------------------------------------------------- */
static int make_folder(const char *path)
{
  struct stat s;
  if (mkdir(path, 0777) == 0) return 0;
  int why = errno;
  if (why == EEXIST && stat(path, &s) == 0 && S_ISDIR(s.st_mode)) return 0;
  return ms_fail("cannot make the folder %s: %s", path,
                 why == EEXIST ? "a file has this name; choose another" : strerror(why));
}

/** ms.sys.mkdir(path) -> true, or nil and a message
    Makes a folder and the folders above it; one that exists is fine. */
static int sys_mkdir(lua_State *L)
{
  char path[PATH_MAX];
  const char *whole = lms_path(L, 1);
  const size_t bytes = strlen(whole) + 1;
  if (bytes > sizeof path) return ms_fail("the path is too long"), lms_refuse(L);
  memcpy(path, whole, bytes);
  for (char *c = path + 1; *path && *c; c++) {
    if (*c != '/') continue;
    *c = '\0';
    int status = make_folder(path);
    *c = '/';
    if (status != 0) return lms_refuse(L);
  }
  return lms_done(L, make_folder(whole));
}

typedef struct names { struct dirent **entry; int count; } names;

static void free_names(void *data)
{
  names *n = data;
  for (int i = 0; i < n->count; i++) free(n->entry[i]);
  free(n->entry);
  free(n);
}

static int is_name(const struct dirent *e)
{
  return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

/** ms.sys.list(folder) -> names, or nil and a message
    What a folder holds, in byte order, without "." and "..". */
static int sys_list(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **h = lms_handle(L, FOLDER);
  names *found = *h = calloc(1, sizeof *found);
  if (!found) return luaL_error(L, "list: no memory");
  int count = scandir(path, &found->entry, is_name, by_bytes);
  if (count < 0) return refuse(L, "cannot list", path);
  found->count = count;
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, found->entry[i]->d_name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int status_of(lua_State *L, struct stat *s)
{
  return stat(lms_path(L, 1), s);
}

/** ms.sys.exists(path) -> whether a file, a folder or anything else is there */
static int sys_exists(lua_State *L)
{
  struct stat s;
  lua_pushboolean(L, status_of(L, &s) == 0);
  return 1;
}

/** ms.sys.is_dir(path) -> whether a folder is there */
static int sys_is_dir(lua_State *L)
{
  struct stat s;
  lua_pushboolean(L, status_of(L, &s) == 0 && S_ISDIR(s.st_mode));
  return 1;
}

/** ms.sys.size(path) -> bytes, or nil and a message */
static int sys_size(lua_State *L)
{
  struct stat s;
  if (status_of(L, &s) != 0) return refuse(L, "cannot look at", lua_tostring(L, 1));
  lua_pushinteger(L, (lua_Integer)s.st_size);
  return 1;
}

/** ms.sys.modified(path) -> seconds since 1970 of the last change, or nil and a message */
static int sys_modified(lua_State *L)
{
  struct stat s;
  if (status_of(L, &s) != 0) return refuse(L, "cannot look at", lua_tostring(L, 1));
  lua_pushnumber(L, ms_seconds(s.st_mtim));
  return 1;
}

/** ms.sys.identity(path) -> text, or nil and a message
    The same text for every path, link or hard link that leads to one file. */
static int sys_identity(lua_State *L)
{
  struct stat s;
  if (status_of(L, &s) != 0) return refuse(L, "cannot look at", lua_tostring(L, 1));
  lua_pushfstring(L, "%I:%I", (LUAI_UACINT)s.st_dev, (LUAI_UACINT)s.st_ino);
  return 1;
}

/** ms.sys.remove(path) -> true, or nil and a message
    Removes a file, a link or an empty folder. */
static int sys_remove(lua_State *L)
{
  const char *path = lms_path(L, 1);
  return remove(path) == 0 ? lms_done(L, 0) : refuse(L, "cannot remove", path);
}

/** ms.sys.rename(from, to) -> true, or nil and a message */
static int sys_rename(lua_State *L)
{
  const char *from = lms_path(L, 1), *to = lms_path(L, 2);
  return rename(from, to) == 0 ? lms_done(L, 0) : refuse(L, "cannot rename", from);
}

/** ms.sys.tempdir() -> path of a new folder under TMPDIR (or /tmp), or nil and a message */
static int sys_tempdir(lua_State *L)
{
  const char *base = getenv("TMPDIR");
  lua_pushfstring(L, "%s/moonstem-XXXXXX", base && *base ? base : "/tmp");
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s", lua_tostring(L, -1));
  if (!mkdtemp(path)) return refuse(L, "cannot make a folder", path);
  lua_pushstring(L, path);
  return 1;
}

/** ms.sys.write_file(path, text) -> true, or nil and a message
    Atomic: the file is the old one or the new one, whatever happens. */
static int sys_write_file(lua_State *L)
{
  size_t bytes;
  const char *path = lms_path(L, 1), *text = luaL_checklstring(L, 2, &bytes);
  return lms_done(L, ms_atomic_put(path, text, bytes));
}

/** ms.sys.read_file(path) -> text, or nil and a message */
static int sys_read_file(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **block = lms_block_handle(L);
  size_t bytes;
  *block = ms_input_text(path, &bytes);
  if (!*block) return lms_refuse(L);
  lua_pushlstring(L, *block, bytes);
  lms_release(block, free);
  return 1;
}

/** ms.sys.absolute(path) -> the path from the root, links followed, or nil and a message */
static int sys_absolute(lua_State *L)
{
  char whole[PATH_MAX];
  const char *path = lms_path(L, 1);
  if (!realpath(path, whole)) return refuse(L, "cannot find", path);
  lua_pushstring(L, whole);
  return 1;
}

/** ms.sys.cwd() -> the folder we are in, or nil and a message */
static int sys_cwd(lua_State *L)
{
  char path[PATH_MAX];
  if (!getcwd(path, sizeof path)) return refuse(L, "cannot tell", "the folder we are in");
  lua_pushstring(L, path);
  return 1;
}

/* ---- what locks are made of (lua/moonstem/sys/lock.lua) ------------------------------------- */
/** ms.sys.link(from, to) -> true, or nil and a message
    Gives the file `from` the name `to`, too, unless there is one: of several processes that give
    one name, on whichever machines, a single one succeeds. */
static int sys_link(lua_State *L)
{
  const char *from = lms_path(L, 1), *to = lms_path(L, 2);
  return link(from, to) == 0 ? lms_done(L, 0) : refuse(L, "cannot make", to);
}

static void stop_heartbeat(void *h)
{
  ms_heartbeat_stop(h);
}

/** ms.sys.heartbeat(path) -> handle, or nil and a message
    Renews a file's time of change every 20 s, until handle:close() or the end of the process. */
static int sys_heartbeat(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **h = lms_handle(L, HEARTBEAT);
  *h = ms_heartbeat_start(path);
  return *h ? 1 : lms_refuse(L);
}

/* ---- time and the machine ------------------------------------------------------------------ */
/** ms.sys.now() -> seconds since 1970 */
static int sys_now(lua_State *L)
{
  lua_pushnumber(L, ms_now());
  return 1;
}

/** ms.sys.clock() -> seconds of a clock that never goes back, for measuring */
static int sys_clock(lua_State *L)
{
  lua_pushnumber(L, ms_clock());
  return 1;
}

/** ms.sys.sleep(seconds); a signal that asks us to stop ends it */
static int sys_sleep(lua_State *L)
{
  ms_sleep(luaL_checknumber(L, 1));
  return 0;
}

/** ms.sys.cpu_count() -> processors that this process may use */
static int sys_cpu_count(lua_State *L)
{
  lua_pushinteger(L, ms_cpu_count());
  return 1;
}

/** ms.sys.hostname() -> text */
static int sys_hostname(lua_State *L)
{
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  lua_pushstring(L, name);
  return 1;
}

/** ms.sys.pid() -> number of this process */
static int sys_pid(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

static int stream_number(lua_State *L, int arg)
{
  static const char *const streams[] = { "stdin", "stdout", "stderr", NULL };
  return lms_choice(L, arg, "stdout", streams);
}

/** ms.sys.isatty(["stdin" | "stdout" | "stderr"]) -> whether that is a terminal */
static int sys_isatty(lua_State *L)
{
  lua_pushboolean(L, isatty(stream_number(L, 1)));
  return 1;
}

/** ms.sys.columns(["stdout"]) -> letters in a line of the terminal; 80 where it is none */
static int sys_columns(lua_State *L)
{
  struct winsize size;
  int found = ioctl(stream_number(L, 1), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, found ? size.ws_col : 80);
  return 1;
}

static const lms_function functions[] = {
  { "mkdir", sys_mkdir, 1 },           { "list", sys_list, 1 },
  { "exists", sys_exists, 1 },         { "is_dir", sys_is_dir, 1 },
  { "size", sys_size, 1 },             { "modified", sys_modified, 1 },
  { "remove", sys_remove, 1 },         { "rename", sys_rename, 2 },
  { "tempdir", sys_tempdir, 0 },       { "write_file", sys_write_file, 2 },
  { "read_file", sys_read_file, 1 },   { "absolute", sys_absolute, 1 },
  { "identity", sys_identity, 1 },
  { "cwd", sys_cwd, 0 },               { "link", sys_link, 2 },
  { "heartbeat", sys_heartbeat, 1 },
  { "run", lms_sys_run, 1 },           { "capture", lms_sys_capture, 1 },
  { "spawn", lms_sys_spawn, 1 },       { "wait", lms_sys_wait, 2 },
  { "interrupted", lms_sys_interrupted, 0 }, { "clear_interrupt", lms_sys_clear_interrupt, 0 },
  { "let_cut", lms_sys_let_cut, 1 },
  { "signal", lms_sys_signal, 0 },         { "sleep", sys_sleep, 1 },
  { "now", sys_now, 0 },               { "clock", sys_clock, 0 },
  { "hostname", sys_hostname, 0 },     { "pid", sys_pid, 0 },
  { "isatty", sys_isatty, 1 },         { "columns", sys_columns, 1 },
  { "cpu_count", sys_cpu_count, 0 },
  { NULL, NULL, 0 },
};

int lms_open_sys(lua_State *L)
{
  lms_json_types(L);
  lms_children_types(L);
  lms_type(L, HEARTBEAT, NULL, stop_heartbeat);
  lms_type(L, FOLDER, NULL, free_names);
  lms_signals_watch(L);
  lua_newtable(L);
  lms_functions(L, functions);
  lua_pushliteral(L, MS_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
