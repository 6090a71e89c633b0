/* Signals in Lua. */
#ifndef MS_SIGNALS_H
#define MS_SIGNALS_H

#include <lua.h>

/* Takes care of the signals that ask us to stop, from now until the state closes. */
void lms_signals_watch(lua_State *L);

/* From now on Ctrl-C ends neither the program nor a script, but what lms_attempt calls alone. */
void lms_signals_stay(void);

/* attempt(f, handler) -> true and what f() returns first, or false and what handler(thrown)
   does. */
int lms_attempt(lua_State *L);

/* Rows of ms.sys; docstrings beside them. */
int lms_sys_interrupted(lua_State *L);
int lms_sys_signal(lua_State *L);
int lms_sys_clear_interrupt(lua_State *L);
int lms_sys_let_cut(lua_State *L);

#endif
