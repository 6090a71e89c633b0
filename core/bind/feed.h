/* Shared by the audio bindings. */
#ifndef MS_BIND_FEED_H
#define MS_BIND_FEED_H

#include <lua.h>

/* Adds the function `feed` to the table on the top. */
void lms_add_feed(lua_State *L);

#endif
