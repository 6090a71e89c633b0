/* Tapes in Lua: core.internal.tape, from which networks are written for other programs
   (lua/moonstem/io/onnx/). */
#include "taped.h"

#include "../../base/error.h"
#include "../../grad/tape.h"
#include "../handle.h"
#include "../results.h"
#include "../scope.h"
#include "arguments.h"

#define TAPE "moonstem.tape"

/* Where the parts of the result stand on the stack. */
enum { FUNCTION = 1, NAMED = 2, HANDLE = 3, RESULT = 4, TENSORS = 5, IDS = 6, ROWS = 7 };

static void release_tape(void *tape)
{
  if (tape == ms_tape_running) ms_tape_end();
  ms_tape_free(tape);
}

/* ---- attributes ------------------------------------------------------------------------------ */
/* A count, or the word that stands in its place. */
static void push_count(lua_State *L, const ms_arg *a, size_t n)
{
  int words = 0;
  while (a->choices && a->choices[words]) words++;
  for (int k = 0; k < words; k++)
    if (n == MS_WORD(k)) {
      lua_pushstring(L, a->choices[k]);
      return;
    }
  lua_pushinteger(L, (lua_Integer)n);
}

static void push_pair(lua_State *L, const ms_arg *a, const size_t *pair)
{
  lua_createtable(L, 2, 0);
  for (int k = 0; k < 2; k++) {
    push_count(L, a, pair[k]);
    lua_rawseti(L, -2, k + 1);
  }
}

static void push_axes(lua_State *L, uint32_t axes)
{
  lua_newtable(L);
  for (int d = 0, n = 0; d < MS_MAX_DIMS; d++)
    if (ms_axes_has(axes, d)) {
      lua_pushinteger(L, d + 1);
      lua_rawseti(L, -2, ++n);
    }
}

static void push_list(lua_State *L, const ms_sizes *s)
{
  lua_createtable(L, s->count, 0);
  for (int k = 0; k < s->count; k++) {
    lua_pushinteger(L, (lua_Integer)s->size[k]);
    lua_rawseti(L, -2, k + 1);
  }
}

static void push_attribute(lua_State *L, const ms_arg *a, const void *at)
{
  switch (a->kind) {
  case MS_ARG_NUMBER: lua_pushnumber(L, *(const double *)at); break;
  case MS_ARG_INTEGER: lua_pushinteger(L, (lua_Integer) * (const uint64_t *)at); break;
  case MS_ARG_COUNT: push_count(L, a, *(const size_t *)at); break;
  case MS_ARG_FLAG: lua_pushboolean(L, *(const int *)at); break;
  case MS_ARG_CHOICE: lua_pushstring(L, a->choices[*(const int *)at]); break;
  case MS_ARG_PAIR: push_pair(L, a, at); break;
  case MS_ARG_AXIS: lua_pushinteger(L, *(const int *)at + 1); break;
  case MS_ARG_AXES: push_axes(L, *(const uint32_t *)at); break;
  case MS_ARG_POSITION: lua_pushinteger(L, (lua_Integer) * (const size_t *)at + 1); break;
  case MS_ARG_SIZES: push_list(L, at); break;
  default: lua_pushnil(L);
  }
}

static int is_tensor(ms_arg_kind kind)
{
  return kind >= MS_ARG_TENSOR && kind <= MS_ARG_LIST;
}

/* ---- tensors --------------------------------------------------------------------------------- */
/* The number of a tensor, which is in the list from now on; 0 for none. */
static lua_Integer id_of(lua_State *L, ms_tensor *t)
{
  if (!t) return 0;
  if (lua_rawgetp(L, IDS, t) == LUA_TNIL) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, TENSORS) + 1;
    lms_push_tensor(L, ms_tensor_ref(t));
    lua_rawseti(L, TENSORS, n);
    lua_pushinteger(L, n);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, IDS, t);
    lua_remove(L, -2);
  }
  lua_Integer id = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return id;
}

/* Pushes { op =, inputs = {id or 0}, output = id, NAME = attribute }. */
static void push_row(lua_State *L, const ms_tape_row *row)
{
  lua_newtable(L);
  lms_set_string(L, "op", row->op->name);
  lms_set_integer(L, "output", id_of(L, row->tensor[row->inputs]));
  lua_createtable(L, row->inputs, 0);
  for (int i = 0; i < row->inputs; i++) {
    lua_pushinteger(L, id_of(L, row->tensor[i]));
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "inputs");
  for (const ms_arg *a = row->op->takes; a->kind; a++) {
    if (is_tensor(a->kind)) continue;
    push_attribute(L, a, (const char *)row->attributes + a->offset);
    lua_setfield(L, -2, lms_argument_name(a));
  }
}

/* Numbers that were changed in place are not those that the operator saw. */
static void check_versions(lua_State *L, const ms_tape_row *row)
{
  for (int i = 0; i <= row->inputs; i++)
    if (row->tensor[i] && ms_tensor_version(row->tensor[i]) != row->version[i])
      luaL_error(L, "%s: %s of it was changed in place later", row->op->name,
                 i < row->inputs ? "an input" : "the result");
}

static void push_rows(lua_State *L, const ms_tape *tape)
{
  for (size_t k = 0; k < tape->count; k++) {
    check_versions(L, &tape->row[k]);
    push_row(L, &tape->row[k]);
    lua_rawseti(L, ROWS, (lua_Integer)k + 1);
  }
}

/* Pushes {id = name}: of what was named, and of other views of all its numbers. */
static void push_names(lua_State *L)
{
  lua_newtable(L);
  const int names = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, NAMED); lua_pop(L, 1)) {
    const ms_tensor *named = lms_tensor(L, -1);
    for (lua_Integer id = 1; id <= (lua_Integer)lua_rawlen(L, TENSORS); id++) {
      lua_rawgeti(L, TENSORS, id);
      const ms_tensor *t = lms_tensor(L, -1);
      lua_pop(L, 1);
      if (t != named && (!ms_tensor_same_storage(t, named) || !ms_tensor_same_shape(t, named)))
        continue;
      lua_pushvalue(L, -2);
      lua_rawseti(L, names, id);
    }
  }
}

/* Runs the function; its tensors are in the list as results. */
static void run(lua_State *L, ms_tape **tape)
{
  *tape = ms_tape_begin();
  if (!*tape) lms_raise(L);
  lua_pushvalue(L, FUNCTION);
  const int status = lua_pcall(L, 0, 1, 0);
  ms_tape_end();
  if (status != LUA_OK) lua_error(L);
  if ((*tape)->failed) luaL_error(L, "tape: no memory for what was recorded");
}

/** core.internal.tape(f, {name = tensor}) -> { rows = list, tensors = list, names = {id = name},
    result = id }: runs f() and writes down all calls of operators. A row is { op =, inputs = {ids;
    0 where one was left out}, output = id, and its attributes by name }; ids are places in
    `tensors`. result: of the tensor that f gives. Raises where a tensor was changed in place after
    it was used. */
static int tape(lua_State *L)
{
  luaL_checktype(L, FUNCTION, LUA_TFUNCTION);
  luaL_checktype(L, NAMED, LUA_TTABLE);
  lua_settop(L, NAMED);
  ms_tape **handle = (ms_tape **)lms_handle(L, TAPE);
  run(L, handle);
  lms_tensor(L, RESULT);
  lua_newtable(L);
  lua_newtable(L);
  lua_newtable(L);
  push_rows(L, *handle);
  lua_newtable(L);
  lms_set_integer(L, "result", id_of(L, lms_tensor(L, RESULT)));
  push_names(L);
  lua_setfield(L, -2, "names");
  lua_pushvalue(L, TENSORS);
  lua_setfield(L, -2, "tensors");
  lua_pushvalue(L, ROWS);
  lua_setfield(L, -2, "rows");
  lms_release((void **)handle, release_tape);
  return 1;
}

void lms_tape_functions(lua_State *L)
{
  static const lms_function functions[] = { { "tape", tape, 2 }, { NULL, NULL, 0 } };
  lms_type(L, TAPE, NULL, release_tape);
  lms_functions(L, functions);
}
