/* A handle is a userdata that holds one pointer. It is made empty, so that nothing is lost when Lua
   runs out of memory in between, and it is empty again once closed. */
#ifndef MS_HANDLE_H
#define MS_HANDLE_H

#include "failure.h"
#include "functions.h"

/* Makes the metatable of a type: methods, and release(pointer) for __gc, __close and :close(). A
   method that is not there raises. */
void lms_type(lua_State *L, const char *type, const lms_function *methods, void (*release)(void *));
void **lms_handle(lua_State *L, const char *type); /* pushes an empty handle */

/* Releases what a handle holds now, rather than when the collector comes by. */
static inline void lms_release(void **handle, void (*release)(void *))
{
  void *p = *handle;
  *handle = NULL;
  if (p) release(p);
}

void *lms_check(lua_State *L, int arg, const char *type); /* open pointer, or raises */

#endif
