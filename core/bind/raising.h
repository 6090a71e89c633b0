/* Functions of Lua that raise, and do not return: its own headers do not say so to compilers. */
#ifndef MS_RAISING_H
#define MS_RAISING_H

#include <lauxlib.h>

int luaL_error(lua_State *L, const char *format, ...) __attribute__((noreturn));
int luaL_argerror(lua_State *L, int argument, const char *message) __attribute__((noreturn));

#endif
