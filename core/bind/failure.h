/* Failures: a mistake in a call raises an error; a failure of the environment (a missing file, a
   full disk) returns nil and a message. Ctrl-C is handled here, too. */
#ifndef MS_FAILURE_H
#define MS_FAILURE_H

#include <lauxlib.h>
#include <lua.h>

/* Raises ms_error(), with names and the position. */
int lms_raise(lua_State *L) __attribute__((noreturn));
/* "zeros: " for the C function that Lua called by a name; "" where it has none. */
const char *lms_called(lua_State *L);
int lms_refuse(lua_State *L); /* pushes nil and ms_error(); returns 2 */

/* Ctrl-C that cut an operation off: lms_stop raises "interrupted", once; lms_heed does so where a
   loop was cut. What pushes a tensor, raises or refuses heeds it by itself. */
int lms_stop(lua_State *L);
void lms_heed(lua_State *L);

/* For long loops of our own over numbers of Lua's: step i looks for Ctrl-C, now and then. */
void lms_heed_step(lua_State *L, size_t i);

#endif
