/* Signals in Lua: ms.sys.interrupted, signal, clear_interrupt. */
#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include "../../base/interrupt.h"
#include "../handle.h"

#define WATCH "moonstem.signal_watch"

static lua_State *main_state;
static volatile sig_atomic_t asked; /* the script looks at interrupted() by itself */
static volatile sig_atomic_t cuttable; /* Ctrl-C cuts operations of a script that asked, too */
static volatile sig_atomic_t stays;     /* however often it is asked to stop by Ctrl-C */
static volatile sig_atomic_t sheltered; /* between statements of the prompt, which must not end */

static void print_hint(void)
{
  static const char text[] = "\nstopping as soon as it can be done; Ctrl-\\ ends the program\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return;
}

static void stop_here(lua_State *L, lua_Debug *ar)
{
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  lms_stop(L);
}

/* Runs inside the signal handler; lua_sethook is made for that. A script that asks interrupted() is
   trusted to stop by itself, once; any other is stopped at its next step, or inside a long
   operation, whichever comes first. */
static void tell_lua(int again)
{
  if (again && stays) print_hint();
  if (!main_state || sheltered) return;
  if (asked && !(again && stays)) {
    if (cuttable) ms_stop_request();
    return;
  }
  ms_stop_request();
  lua_sethook(main_state, stop_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void lms_signals_stay(void)
{
  stays = sheltered = 1;
  ms_interrupt_patient(1);
}

int lms_attempt(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_insert(L, 1);
  sheltered = asked = cuttable = 0;
  ms_interrupt_clear();
  const int status = lua_pcall(L, 0, 1, 1);
  sheltered = 1;
  lua_sethook(L, NULL, 0, 0);
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 2);
  return 2;
}

/* ---- table.sort, which runs no step of the script where it is given no function ------------ */
static int comes_first(lua_State *L)
{
  if (ms_stop_wanted()) return lms_stop(L);
  lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
  return 1;
}

/* Lua's own (upvalue 1); long tables are sorted by a function that checks for Ctrl-C. */
static int sort(lua_State *L)
{
  enum { LONG = 100000 };
  lua_settop(L, 2);
  if (lua_isnil(L, 2) && lua_type(L, 1) == LUA_TTABLE && lua_rawlen(L, 1) > LONG) {
    lua_pushcfunction(L, comes_first);
    lua_replace(L, 2);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 2, 0);
  return 0;
}

static void replace_sort(lua_State *L)
{
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_pushcclosure(L, sort, 1);
  lua_setfield(L, -2, "sort");
  lua_pop(L, 1);
}

static void forget_state(void *state)
{
  *(lua_State **)state = NULL;
}

void lms_signals_watch(lua_State *L)
{
  static const char key = 0;
  lms_type(L, WATCH, NULL, forget_state);
  *lms_handle(L, WATCH) = &main_state;
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  main_state = lua_tothread(L, -1);
  lua_pop(L, 1);
  replace_sort(L);
  ms_interrupt_hook(tell_lua);
  ms_interrupt_watch();
}

static const char *signal_name(void)
{
  switch (ms_interrupted()) {
    case 0: return NULL;
    case SIGINT: return "INT";
    case SIGTERM: return "TERM";
    case SIGHUP: return "HUP";
    default: return "USR1";
  }
}

/** ms.sys.interrupted() -> false, or true and "INT", "TERM", "HUP" or "USR1"
    Whether a signal asked us to stop. A script that asks is from then on expected to stop by
    itself, at a good moment; others are stopped with the error "interrupted". A second Ctrl-C
    ends the process; at the prompt it stops this script, too. */
int lms_sys_interrupted(lua_State *L)
{
  const char *name = signal_name();
  asked = 1;
  lua_pushboolean(L, name != NULL);
  lua_pushstring(L, name);
  return 2;
}

/** ms.sys.signal() -> "INT", "TERM", "HUP", "USR1" or nil: as interrupted, without the promise */
int lms_sys_signal(lua_State *L)
{
  lua_pushstring(L, signal_name());
  return 1;
}

/** ms.sys.let_cut(yes) -> whether it does so
    At the prompt, between let_cut(true) and let_cut(false) Ctrl-C cuts off the operation that runs
    with the error "interrupted", also in a script that asks interrupted(). */
int lms_sys_let_cut(lua_State *L)
{
  cuttable = stays && lua_toboolean(L, 1);
  if (!cuttable && asked) ms_stop_clear(); /* the script hears of it when it asks next */
  lua_pushboolean(L, cuttable);
  return 1;
}

/** ms.sys.clear_interrupt()
    Forgets the signal and that anybody asked: the prompt does so before every statement. */
int lms_sys_clear_interrupt(lua_State *L)
{
  ms_interrupt_clear();
  asked = 0;
  lua_sethook(L, NULL, 0, 0);
  return 0;
}
