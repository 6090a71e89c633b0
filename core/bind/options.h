/* Options of functions: a table or nothing. Also file names. */
#ifndef MS_OPTIONS_H
#define MS_OPTIONS_H

#include <lua.h>
#include <stddef.h>

#include "raising.h"

/* Raises on a key that is not in the NULL-ended list, with the nearest known one. */
void lms_options(lua_State *L, int arg, const char *who, const char *const *known);

int lms_has_option(lua_State *L, int arg, const char *key); /* whether the option is given */
double lms_opt_number(lua_State *L, int arg, const char *key, double other);
lua_Integer lms_opt_integer(lua_State *L, int arg, const char *key, lua_Integer other);
int lms_opt_bool(lua_State *L, int arg, const char *key, int other);
const char *lms_opt_string(lua_State *L, int arg, const char *key, const char *other);

/* The place from 0 in a NULL-ended list of the word that argument `arg` is, of `other` where it is
   not given (NULL: it must be). Raises on any other, with the words that it may be. */
int lms_choice(lua_State *L, int arg, const char *other, const char *const *known);

/* A file name; raises on anything else, and on one with a zero byte inside. */
const char *lms_path(lua_State *L, int arg);

#endif
