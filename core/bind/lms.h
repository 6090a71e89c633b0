/* The boundary to Lua: handles, options, errors. Only this floor includes lua.h. */
#ifndef MS_LMS_H
#define MS_LMS_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

#include "../tensor/tensor.h"

#define LMS_TENSOR "moonstem.tensor"

/* ---- failure ----------------------------------------------------------------------
   A programmer's mistake raises; the world's refusal returns nil and the sentence. */
int lms_raise(lua_State *L);  /* raises ms_error() with the script's position */
int lms_refuse(lua_State *L); /* pushes nil and ms_error(); returns 2 */

/* Ctrl-C that cut an operation off: lms_stop raises "interrupted", once; lms_heed does so where a loop was cut. What
   pushes a tensor, raises or refuses heeds it by itself. */
int lms_stop(lua_State *L);
void lms_heed(lua_State *L);

/* For long loops of our own over numbers of Lua's: step i looks for Ctrl-C, now and then. */
void lms_heed_step(lua_State *L, size_t i);

/* ---- functions ----------------------------------------------------------------------
   A row of a NULL-ended list: no function takes more than it uses. */
#define LMS_ANY (-1) /* the function itself looks at how many there are */

typedef struct lms_function {
  const char *name;
  lua_CFunction call;
  int most; /* arguments at most, the object of a method among them; more raise before `call` runs */
} lms_function;

void lms_functions(lua_State *L, const lms_function *list); /* sets them in the table on the top */
void lms_library(lua_State *L, const lms_function *list);   /* pushes a table of them */
void lms_push_function(lua_State *L, const lms_function *f);

/* Raises "NAME: takes at most MOST arguments, got ..." about the arguments behind `most`. */
int lms_surplus(lua_State *L, const char *name, int most, int given);

/* For strict.lua: (name, most, objects, ...) -> that sentence about arguments of a Lua function, the first `objects` of
   which a method's caller does not see; nothing where there are no surplus ones. */
int lms_surplus_sentence(lua_State *L);

/* For an __index(object, key): raises "WHAT.KEY: there is no such method or field", with the nearest name. */
int lms_no_such(lua_State *L, int methods, const char *what);

/* Reading a name that the table of methods on the top lacks raises so from now on. */
void lms_strict(lua_State *L, const char *what);

/* ---- handles ------------------------------------------------------------------------
   A handle is a userdata that holds one pointer. It is made empty, so that nothing is lost
   when Lua runs out of memory in between, and it is empty again once closed. */

/* Makes the metatable of a type: methods, and release(pointer) for __gc, __close and :close(). A method that is
   not there raises. */
void lms_type(lua_State *L, const char *type, const lms_function *methods, void (*release)(void *));
void **lms_handle(lua_State *L, const char *type); /* pushes an empty handle */
void *lms_check(lua_State *L, int arg, const char *type); /* open pointer, or raises */

/* ---- tensors -------------------------------------------------------------------------- */
void lms_tensor_type(lua_State *L, const lms_function *methods);
ms_tensor *lms_tensor(lua_State *L, int arg);          /* borrowed; raises unless an open tensor */
ms_tensor *lms_test_tensor(lua_State *L, int arg);     /* borrowed, or NULL if no tensor */

/* What sentences call the value at `index`: a number's digits, the name of one of our types, or the
   type. Calls no metamethod; may push. */
const char *lms_in_words(lua_State *L, int index);

/* The open tensor at `index`; else raises "WHAT must be a tensor, got ...", where the format of
   lua_pushfstring gives WHAT. */
ms_tensor *lms_tensor_there(lua_State *L, int index, const char *format, ...);

/* The same tensor through a handle on the top of the stack that no script can close: for functions
   during which the collector, and with it a script's finalizers, may run. */
ms_tensor *lms_hold(lua_State *L, int arg);
int lms_push_tensor(lua_State *L, ms_tensor *t);       /* takes t over; NULL raises; returns 1 */

/* A tensor or a number as a tensor: pushes the handle of a new one, so that it is let go. */
ms_tensor *lms_tensor_or_number(lua_State *L, int arg);

/* Sizes from a table {2, 3, 4}, behind which nothing may come, or from the numbers from `arg` on. */
int lms_sizes(lua_State *L, int arg, size_t dim[MS_MAX_DIMS]);

/* Raises where a list of sizes at `arg` is not the last argument. */
void lms_sizes_alone(lua_State *L, int arg);

/* A dimension from 1..n, or -1..-n from the end, as 0..n-1; raises outside. */
int lms_axis(lua_State *L, int arg, int ndim, const char *who);

/* A position in 1..size, negative from the end, as 0..size-1; raises outside. */
size_t lms_place(lua_State *L, int arg, size_t size, const char *who);

/* ---- scopes: tensors made while one is open are let go when it closes ------------------ */
int lms_open_scope(lua_State *L);        /* the Lua function ms.scope() */
int lms_keep(lua_State *L);              /* ms.keep(t): no open scope lets it go */
void lms_scope_types(lua_State *L);

/* ---- options: a table or nothing -------------------------------------------------------- */
/* Raises on a key that is not in the NULL-ended list, with the nearest known one. */
void lms_options(lua_State *L, int arg, const char *who, const char *const *known);

int lms_has_option(lua_State *L, int arg, const char *key); /* whether the option is given */
double lms_opt_number(lua_State *L, int arg, const char *key, double other);
lua_Integer lms_opt_integer(lua_State *L, int arg, const char *key, lua_Integer other);
int lms_opt_bool(lua_State *L, int arg, const char *key, int other);
const char *lms_opt_string(lua_State *L, int arg, const char *key, const char *other);

/* One whole number, 1 or more, for both, or a list of two. */
void lms_opt_pair(lua_State *L, int arg, const char *key, size_t other, size_t pair[2]);

/* A file name; raises on anything else, and on one with a zero byte inside. */
const char *lms_path(lua_State *L, int arg);

#endif
