/* Rows of ms.io: NumPy's arrays, alone (.npy) and several in a file (.npz). */
#include "arrays.h"

#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../io/numpy/npy.h"
#include "../../io/numpy/zip.h"
#include "../../io/unicode.h"
#include "../options.h"
#include "../results.h"
#include "../scope.h"
#include "records.h"
#include "texts.h"

#define ARCHIVE "moonstem.archive"
#define WRITER "moonstem.archive_writer"

static void release_archive(void *z)
{
  ms_zip_close(z);
}

static void release_writer(void *w)
{
  ms_zip_cancel(w);
}

void lms_arrays_types(lua_State *L)
{
  lms_type(L, ARCHIVE, NULL, release_archive);
  lms_type(L, WRITER, NULL, release_writer);
}

/* Pushes an array and empties it. */
static void push_array(lua_State *L, ms_array *a)
{
  ms_tensor *t = a->numbers;
  a->numbers = NULL;
  if (t) lms_push_tensor(L, t);
  else lms_push_texts(L, a);
}

/* The value at `index` as an array; what it borrows lives as long as the handle that is pushed. */
static void array_at(lua_State *L, int index, const char *who, ms_array *a)
{
  int type = lua_type(L, index);
  if (lms_test_tensor(L, index)) {
    *a = (ms_array){ .numbers = lms_hold(L, index) };
  } else if (type == LUA_TTABLE || type == LUA_TSTRING) {
    lms_texts(L, index, who, a);
  } else {
    luaL_error(L, "%s: a tensor or a list of strings is expected, got %s", who,
               luaL_typename(L, index));
  }
}

/** ms.io.load_npy(path) -> tensor or list of strings, or nil and a message
    A NumPy array of floats, whole numbers or booleans, of either byte order, in row or column
    order. Complex numbers come as pairs in a last dimension (..., 2). Texts (<U12) and bytes (S12)
    come as lists of strings, lists of such lists where they have more dimensions. Whole numbers
    beyond 2^24 lose digits in float32. */
int lms_io_load_npy(lua_State *L)
{
  ms_array a;
  if (ms_npy_load(lms_path(L, 1), &a) != 0) return lms_refuse(L);
  push_array(L, &a);
  return 1;
}

/** ms.io.save_npy(path, tensor or list of strings) -> true, or nil and a message
    Writes a .npy file, atomically: tensors as float32, strings as <U, of the length of the longest.
    Lists of lists of strings have more dimensions. */
int lms_io_save_npy(lua_State *L)
{
  ms_array a;
  const char *path = lms_path(L, 1);
  lua_settop(L, 2);
  array_at(L, 2, "save_npy", &a);
  return lms_done(L, ms_npy_write(path, &a));
}

/* ---- several arrays ------------------------------------------------------------------------ */
/* Pushes the member's name and its array; -1 and a message. */
static int push_member(lua_State *L, const ms_zip *z, size_t i)
{
  ms_array a;
  ms_input member;
  const char *name = z->entry[i].name;
  size_t n = strlen(name);
  if (n > 4 && strcmp(name + n - 4, ".npy") == 0) n -= 4;
  if (ms_zip_member(z, i, &member) != 0) return ms_fail_within(name), -1;
  int status = ms_npy_read(&member, &a);
  ms_zip_release(&member);
  if (status != 0) return ms_fail_within(name), -1;
  push_array(L, &a);
  lua_pushlstring(L, name, n);
  lua_insert(L, -2);
  return 0;
}

/** ms.io.load_npz(path) -> {name = tensor or list of strings}, or nil and a message
    All arrays of a file of numpy.savez or numpy.savez_compressed, each as ms.io.load_npy gives it;
    the checksum of each is verified. */
int lms_io_load_npz(lua_State *L)
{
  const char *path = lms_path(L, 1);
  void **handle = lms_handle(L, ARCHIVE);
  const ms_zip *z = *handle = ms_zip_open(path);
  if (!z) return lms_refuse(L);
  lua_newtable(L);
  for (size_t i = 0; i < z->count; i++) {
    if (push_member(L, z, i) != 0) {
      ms_fail_within(path);
      return lms_release(handle, release_archive), lms_refuse(L);
    }
    lua_rawset(L, -3);
  }
  lms_release(handle, release_archive);
  return 1;
}

/* Pushes a list of the names in the table at 2, in order; raises. */
static void push_names(lua_State *L)
{
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_remove(L, -2);
  lua_newtable(L);
  lua_Integer n = 0;
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || strlen(lua_tostring(L, -2)) != lua_rawlen(L, -2) ||
        lua_rawlen(L, -2) == 0)
      luaL_error(L, "save_npz: arrays are given as {name = tensor or list of strings}");
    if (!ms_unicode_valid(lua_tostring(L, -2), lua_rawlen(L, -2)))
      luaL_error(L, "save_npz: a name is not valid UTF-8");
    lua_pushvalue(L, -2);
    lua_rawseti(L, -4, ++n);
  }
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_call(L, 1, 0);
}

/* The arrays of the list of names at 4, in a block on the top of the stack. Raises. */
static ms_array *named_arrays(lua_State *L, size_t count)
{
  ms_array *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
  int block = lua_gettop(L);
  lua_createtable(L, (int)count, 0); /* what the arrays borrow from */
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 4, (lua_Integer)i + 1);
    const char *who = lua_pushfstring(L, "save_npz: %s", lua_tostring(L, -1));
    lua_pushvalue(L, -2);
    lua_rawget(L, 2);
    array_at(L, lua_gettop(L), who, &list[i]);
    lua_rawseti(L, block + 1, (lua_Integer)i + 1);
    lua_settop(L, block + 1);
  }
  return list;
}

static int add(lua_State *L, ms_zip_writer *w, const char *name, const ms_array *a)
{
  ms_npy_parts parts;
  ms_npy_parts_of(a, &parts);
  const char *member = lua_pushfstring(L, "%s.npy", name);
  int status = ms_zip_add(w, member, parts.head, parts.head_bytes, parts.data, parts.bytes);
  lua_pop(L, 1);
  return status;
}

/** ms.io.save_npz(path, {name = tensor or list of strings}, {compress = false}) -> true, or nil and
    a message
    Writes a .npz file, atomically, its arrays in the order of their names, each as ms.io.save_npy
    writes it. compress: as numpy.savez_compressed. The same arrays give the same bytes. */
int lms_io_save_npz(lua_State *L)
{
  static const char *const known[] = { "compress", NULL };
  const char *path = lms_path(L, 1);
  lua_settop(L, 3);
  lms_options(L, 3, "save_npz", known);
  int deflate = lms_opt_bool(L, 3, "compress", 0);
  push_names(L);
  size_t count = lua_rawlen(L, 4);
  const ms_array *list = named_arrays(L, count);
  void **handle = lms_handle(L, WRITER);
  ms_zip_writer *w = *handle = ms_zip_create(path, 0, deflate);
  if (!w) return lms_refuse(L);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 4, (lua_Integer)i + 1);
    if (add(L, w, lua_tostring(L, -1), &list[i]) != 0)
      return lms_release(handle, release_writer), lms_refuse(L);
    lua_pop(L, 1);
  }
  *handle = NULL;
  return lms_done(L, ms_zip_commit(w));
}
