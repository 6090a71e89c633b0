/* What messages call things, and the known name that somebody meant. */
#ifndef MS_WORDS_H
#define MS_WORDS_H

#include <lauxlib.h>
#include <lua.h>

/* What messages call the value at `index`: a number's digits, the name of one of our types, or the
   type. Calls no metamethod; may push. */
const char *lms_describe(lua_State *L, int index);

const char *lms_plain_name(const char *type); /* "moonstem.tensor" -> "tensor" */

/* The name of a NULL-ended list that is a slip of the pen away from the word; else NULL. */
const char *lms_nearest(const char *word, const char *const *known);

/* Pushes the end of a message about a word that is not known: "; did you mean NAME?" with the
   prefix before NAME; "; there are ..." where none is near and the names are few; or "". */
const char *lms_push_hint(lua_State *L, const char *word, const char *const *known,
                          const char *prefix);

/* Pushes the names of a NULL-ended list: "a, b and c". */
const char *lms_push_list(lua_State *L, const char *const *known);

/* The present name of what `owner` had under an old one, by the function `kind` ("name", "option")
   of renamed.lua, which tells the user; pushes it. NULL where there is none. */
const char *lms_renamed(lua_State *L, const char *kind, const char *owner, const char *old);

/* The names in a list, or the keys of a table, sorted, NULL-ended; pushes what holds them. `table`
   is absolute. */
const char *const *lms_push_names(lua_State *L, int table);

#endif
