/* Child processes for ms.sys: run, capture, spawn, wait. */
#define _GNU_SOURCE
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../base/clock.h"
#include "../../base/error.h"
#include "../../base/system/process.h"
#include "../handle.h"
#include "../options.h"
#include "../results.h"

#define PROCESS "moonstem.process"
#define FILES "moonstem.open_files"

typedef struct child { long id; int ended, status; } child;

/* ---- the table {"program", "argument", stdout = "log", ...} ------------------------------- */
static const char *const known[] = { "stdout", "stderr", "stdin", "dir", "env", "append", "follow",
                                     NULL };

/* The strings 1..n of the table as argv, in a block on the top of the stack. */
static const char **push_argv(lua_State *L, const char *who)
{
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  if (n < 1) luaL_error(L, "%s: the program's name is missing", who);
  const char **argv = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *argv, 1);
  lua_createtable(L, (int)n, 0); /* keeps numbers that became strings */
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    if (!lua_isstring(L, -1))
      luaL_error(L, "%s: argument %I is a %s, not a string", who, i, luaL_typename(L, -1));
    argv[i - 1] = lua_tostring(L, -1);
    lua_rawseti(L, -2, i);
  }
  lua_setiuservalue(L, -2, 1);
  argv[n] = NULL;
  return argv;
}

/* Leaves a table of the named options alone on the stack, checked. */
static void push_options(lua_State *L, const char *who)
{
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5);
  }
  lms_options(L, lua_gettop(L), who, known);
}

/* Our environment with the pairs of env = {NAME = value, or false to remove}; NULL: as ours. */
static char **push_environment(lua_State *L, int options, const char *who)
{
  size_t n = 0, used = 0;
  if (lua_getfield(L, options, "env") == LUA_TNIL) return lua_pop(L, 1), NULL;
  int env = lua_gettop(L);
  if (lua_type(L, env) != LUA_TTABLE) luaL_error(L, "%s: env is {NAME = value}", who);
  for (char **e = environ; *e; e++) n++;
  for (lua_pushnil(L); lua_next(L, env); lua_pop(L, 1)) n++;
  char **list = lua_newuserdatauv(L, (n + 1) * sizeof *list, 1);
  for (char **e = environ; *e; e++) {
    lua_pushlstring(L, *e, strcspn(*e, "="));
    if (lua_rawget(L, env) == LUA_TNIL) list[used++] = *e;
    lua_pop(L, 1);
  }
  lua_newtable(L); /* keeps the new strings */
  int keep = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, env); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "%s: env is {NAME = value}", who);
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) continue;
    if (used == n) /* a __tostring or a finalizer may do that */
      luaL_error(L, "%s: env grew meanwhile", who);
    const char *value = luaL_tolstring(L, -1, NULL);
    lua_pushfstring(L, "%s=%s", lua_tostring(L, -3), value);
    list[used++] = (char *)lua_tostring(L, -1);
    lua_rawseti(L, keep, (lua_Integer)used);
    lua_pop(L, 1);
  }
  lua_setiuservalue(L, -2, 1);
  list[used] = NULL;
  return list;
}

/* ---- redirections ------------------------------------------------------------------------- */
typedef struct files { int file[3]; } files;

static void close_files(void *data)
{
  files *f = data;
  for (int i = 0; i < 3; i++)
    if (f->file[i] >= 0) close(f->file[i]);
  free(f);
}

static void **push_files(lua_State *L)
{
  void **h = lms_handle(L, FILES);
  files *f = *h = malloc(sizeof *f);
  if (!f) luaL_error(L, "no memory for a process");
  for (int i = 0; i < 3; i++) f->file[i] = -1;
  return h;
}

static int open_files(lua_State *L, int options, files *f)
{
  static const char *const names[] = { "stdin", "stdout", "stderr" };
  const char *path[3];
  int writing = O_WRONLY | O_CREAT | O_CLOEXEC;
  writing |= lms_opt_bool(L, options, "append", 0) ? O_APPEND : O_TRUNC;
  for (int i = 0; i < 3; i++) path[i] = lms_opt_string(L, options, names[i], NULL);
  for (int i = 0; i < 3; i++) {
    if (!path[i] || f->file[i] >= 0) continue;
    if (i == 2 && path[1] && strcmp(path[1], path[2]) == 0) /* both into one file */
      f->file[i] = fcntl(f->file[1], F_DUPFD_CLOEXEC, 3);
    else
      f->file[i] = open(path[i], i ? writing : O_RDONLY | O_CLOEXEC, 0666);
    if (f->file[i] < 0) return ms_fail("cannot open %s: %s", path[i], strerror(errno));
  }
  return 0;
}

/* The signal that the program gets when we end. otherwise: where none is given. */
static int follow_of(lua_State *L, int options, const char *who, int otherwise)
{
  const char *name = lms_opt_string(L, options, "follow", NULL);
  if (!name) return otherwise;
  if (strcmp(name, "KILL") == 0) return SIGKILL;
  if (strcmp(name, "TERM") == 0) return SIGTERM;
  return luaL_error(L, "%s: follow must be \"KILL\" or \"TERM\", got \"%s\"", who, name);
}

/* Starts what the table at 1 describes. The id, or -1 and a message. follow: the signal that it
   gets when we end, unless the table says another. captured: standard output goes to a file in
   memory, the second one of the handle that is left on the top. */
static long start(lua_State *L, const char *who, int follow, void ***captured)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  push_options(L, who);
  int options = lua_gettop(L);
  ms_command command = { .argv = push_argv(L, who),
                         .environment = push_environment(L, options, who),
                         .folder = lms_opt_string(L, options, "dir", NULL),
                         .follow = follow_of(L, options, who, follow) };
  void **h = push_files(L);
  files *f = *h;
  if (captured) f->file[1] = memfd_create("captured", MFD_CLOEXEC);
  if (captured && f->file[1] < 0) return ms_fail("no file in memory: %s", strerror(errno));
  if (open_files(L, options, f) != 0) return lms_release(h, close_files), -1;
  command.in = f->file[0];
  command.out = f->file[1];
  command.err = f->file[2];
  long id = ms_process_start(&command);
  if (captured && id >= 0) *captured = h;
  else lms_release(h, close_files); /* not left to the collector: descriptors are few */
  return id;
}

/** ms.sys.run{"program", "argument", ..., stdout=, stderr=, stdin=, dir=, env=, append=, follow=}
    -> status
    Runs a program without a shell and waits for it: its exit status (128 + number when a signal
    ended it), or nil and a message where it could not start. stdout, stderr, stdin are paths;
    append = true keeps what they hold. env = {NAME = value} adds, false removes. follow = "TERM" or
    "KILL" (the default): the signal that it gets when this process ends meanwhile, by whatever. */
int lms_sys_run(lua_State *L)
{
  int status;
  long id = start(L, "run", SIGKILL, NULL);
  if (id < 0 || ms_process_wait(id, -1, &status) < 0) return lms_refuse(L);
  lua_pushinteger(L, status);
  return 1;
}

/** ms.sys.capture{"program", "argument", ..., stderr=, stdin=, dir=, env=} -> status, text
    As run, with what the program wrote on its standard output. */
int lms_sys_capture(lua_State *L)
{
  int status;
  void **h;
  long id = start(L, "capture", SIGKILL, &h);
  if (id < 0 || ms_process_wait(id, -1, &status) < 0) return lms_refuse(L);
  int file = ((files *)*h)->file[1];
  lua_pushinteger(L, status);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (off_t at = 0;;) {
    char *room = luaL_prepbuffer(&text);
    ssize_t n = pread(file, room, LUAL_BUFFERSIZE, at);
    if (n <= 0) break;
    luaL_addsize(&text, (size_t)n);
    at += n;
  }
  luaL_pushresult(&text);
  lms_release(h, close_files);
  return 2;
}

/* ---- handles of children that run beside us ----------------------------------------------- */
long *lms_push_process(lua_State *L)
{
  void **h = lms_handle(L, PROCESS);
  child *c = *h = calloc(1, sizeof *c);
  if (!c) luaL_error(L, "no memory for a process");
  return &c->id;
}

/** ms.sys.spawn{...} -> process, or nil and a message
    As run, without waiting; without follow it outlives this process. process:wait([seconds]) ->
    status, or nil and a message while it still runs; process:poll() -> status or nil;
    process:kill([name]) sends TERM, KILL, INT, HUP, USR1, STOP or CONT; process:id(). Closing the
    handle leaves the process running. */
int lms_sys_spawn(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  long *id = lms_push_process(L);
  *id = start(L, "spawn", 0, NULL);
  if (*id < 0) return lms_refuse(L);
  lua_pushvalue(L, 2);
  return 1;
}

/* 1 ended, 0 runs, -1 and a message. */
static int look(child *c, double seconds)
{
  if (c->ended) return 1;
  int found = ms_process_wait(c->id, seconds, &c->status);
  if (found == 1) c->ended = 1;
  return found;
}

static int process_wait(lua_State *L)
{
  child *c = lms_check(L, 1, PROCESS);
  int found = look(c, luaL_optnumber(L, 2, -1));
  if (found == 1) return lua_pushinteger(L, c->status), 1;
  if (found == 0) ms_fail("process %ld is still running", c->id);
  return lms_refuse(L);
}

static int process_poll(lua_State *L)
{
  child *c = lms_check(L, 1, PROCESS);
  return look(c, 0) == 1 ? lua_pushinteger(L, c->status), 1 : 0;
}

static int process_kill(lua_State *L)
{
  static const char *const names[] = { "TERM", "KILL", "INT", "HUP", "USR1", "STOP", "CONT",
                                       NULL };
  static const int numbers[] = { SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGUSR1, SIGSTOP, SIGCONT };
  child *c = lms_check(L, 1, PROCESS);
  int number = numbers[lms_choice(L, 2, "TERM", names)];
  int ended = look(c, 0) == 1;
  return lms_done(L, ended ? ms_fail("process %ld has ended", c->id)
                           : ms_process_signal(c->id, number));
}

static int process_id(lua_State *L)
{
  const child *c = lms_check(L, 1, PROCESS);
  return lua_pushinteger(L, c->id), 1;
}

/* The place in the list at 1 of a child that has ended, or 0. */
static lua_Integer first_ended(lua_State *L, lua_Integer *status)
{
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1), found = 0;
  for (lua_Integer i = 1; i <= n && !found; i++) {
    lua_rawgeti(L, 1, i);
    child *c = lms_check(L, -1, PROCESS);
    if (look(c, 0) != 0) found = i; /* one that cannot be waited for has ended, too */
    *status = c->ended ? c->status : 255;
    lua_pop(L, 1);
  }
  return found;
}

/** ms.sys.wait(processes [, seconds]) -> place in the list, exit status
    Waits until one of several spawned processes has ended; nil and a message when the time is
    over, the list is empty or a signal asks us to stop. */
int lms_sys_wait(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  double seconds = luaL_optnumber(L, 2, -1), start_time = ms_clock();
  lua_Integer status = 0;
  if (lua_rawlen(L, 1) == 0) return ms_fail("wait: there is no process to wait for"), lms_refuse(L);
  for (;;) {
    lua_Integer place = first_ended(L, &status);
    if (place) {
      lua_pushinteger(L, place);
      lua_pushinteger(L, status);
      return 2;
    }
    if (seconds >= 0 && ms_clock() - start_time >= seconds)
      return ms_fail("wait: no process has ended in time"), lms_refuse(L);
    ms_sleep(0.01);
  }
}

void lms_children_types(lua_State *L)
{
  static const lms_function methods[] = {
    { "wait", process_wait, 2 }, { "poll", process_poll, 1 }, { "kill", process_kill, 2 },
    { "id", process_id, 1 },     { NULL, NULL, 0 },
  };
  lms_type(L, PROCESS, methods, free);
  lms_type(L, FILES, NULL, close_files);
}
