/* JSON values to and from Lua values. */
#ifndef MS_RECORDS_H
#define MS_RECORDS_H

#include <jansson.h>
#include <lua.h>

/* An empty handle that releases its JSON tree. */
json_t **lms_json_handle(lua_State *L);
void lms_json_free(json_t **tree); /* now, rather than when the collector comes by */

/* An empty handle that gives a malloc'ed block to free(). */
void **lms_block_handle(lua_State *L);

/* A tree of the value at `index` (absolute); NULL and a message that begins with `who` and
   names the place inside the value. Raises nothing. */
json_t *lms_to_json(lua_State *L, int index, const char *who);

/* Pushes a tree as a Lua value. */
void lms_push_json(lua_State *L, const json_t *tree);

void lms_json_types(lua_State *L);

/* Rows of ms.io; docstrings beside them. */
int lms_io_list(lua_State *L);
int lms_io_json_encode(lua_State *L);
int lms_io_json_decode(lua_State *L);
int lms_io_load_json(lua_State *L);
int lms_io_save_json(lua_State *L);
int lms_io_append_json_line(lua_State *L);
int lms_io_load_json_lines(lua_State *L);

#endif
