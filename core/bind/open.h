/* The modules of the core: each function pushes one table. */
#ifndef MS_OPEN_H
#define MS_OPEN_H

#include <lua.h>

int lms_open_tensor(lua_State *L);
int lms_open_optim(lua_State *L);
int lms_open_audio(lua_State *L);
int lms_open_bootstrap(lua_State *L);
int lms_open_distributed(lua_State *L);
int lms_open_io(lua_State *L);
int lms_open_jupyter(lua_State *L);
int lms_open_metrics(lua_State *L);
int lms_open_mixing(lua_State *L);
int lms_open_music(lua_State *L);
int lms_open_profile(lua_State *L);
int lms_open_readline(lua_State *L);
int lms_open_sys(lua_State *L);
int lms_open_tracker(lua_State *L);
int lms_open_words(lua_State *L);
int lms_open_workers(lua_State *L);

#endif
