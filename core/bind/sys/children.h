/* Child processes for ms.sys. */
#ifndef MS_CHILDREN_H
#define MS_CHILDREN_H

#include <lua.h>

void lms_children_types(lua_State *L);
int lms_sys_run(lua_State *L);
int lms_sys_capture(lua_State *L);
int lms_sys_spawn(lua_State *L);
int lms_sys_wait(lua_State *L);

/* Pushes a process, as spawn gives it, whose id the caller writes once it runs. */
long *lms_push_process(lua_State *L);

#endif
