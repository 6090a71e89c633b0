/* Functions of Lua as rows of a NULL-ended list: no function takes more than it uses. */
#ifndef MS_FUNCTIONS_H
#define MS_FUNCTIONS_H

#include <lauxlib.h>
#include <lua.h>

#define LMS_ANY (-1) /* the function itself looks at how many there are */

typedef struct lms_function {
  const char *name;
  lua_CFunction call;
  int most; /* arguments, the object of a method among them; more raise before `call` runs */
} lms_function;

void lms_functions(lua_State *L, const lms_function *list); /* sets them in the table on the top */
void lms_library(lua_State *L, const lms_function *list);   /* pushes a table of them */
void lms_push_function(lua_State *L, const lms_function *f);

/* Raises where more than `most` arguments were given that are not nil; cuts trailing nils off. */
void lms_check_surplus(lua_State *L, const char *name, int most);

/* Raises "NAME: takes at most MOST arguments, got ..." about the arguments behind `most`. */
int lms_surplus(lua_State *L, const char *name, int most, int given);

/* For strict.lua: (name, most, objects, ...) -> that message about arguments of a Lua function,
   the first `objects` of which a method's caller does not see; nothing where there are no surplus
   ones. */
int lms_surplus_message(lua_State *L);

/* For an __index(object, key): raises "WHAT.KEY: there is no such method or field", with the
   nearest name. */
int lms_no_such(lua_State *L, int methods, const char *what);

/* Reading a name that the table of methods on the top lacks raises so from now on. */
void lms_strict(lua_State *L, const char *what);

#endif
