/* The Lua module moonstem.core.words: names near a word, and messages about them. */
#include "functions.h"
#include "open.h"
#include "words.h"

/* nearest(word, {"name", ...}) -> the name that is a slip of the pen away from the word, or nil */
static int nearest(lua_State *L)
{
  const char *word = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_pushstring(L, lms_nearest(word, lms_push_names(L, 2)));
  return 1;
}

/* hint(word, {"name", ...}, [prefix = ""]) -> "; did you mean NAME?", "; there are NAME, ... and
   NAME", or "":
    the end of a message about a word that is none of these names. Keys of a table are names, too */
static int hint(lua_State *L)
{
  const char *word = luaL_checkstring(L, 1), *prefix = luaL_optstring(L, 3, "");
  luaL_checktype(L, 2, LUA_TTABLE);
  lms_push_hint(L, word, lms_push_names(L, 2), prefix);
  return 1;
}

static const lms_function functions[] = {
  { "nearest", nearest, 2 },
  { "hint", hint, 3 },
  { "surplus", lms_surplus_message, LMS_ANY },
  { NULL, NULL, 0 },
};

int lms_open_words(lua_State *L)
{
  lms_library(L, functions);
  return 1;
}
