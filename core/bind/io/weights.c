/* Rows of ms.io: weights, as safetensors files and as TensorFlow's checkpoints. */
#include <string.h>

#include "../../io/foreign/tensorflow.h"
#include "../../io/safetensors.h"
#include "../options.h"
#include "../results.h"
#include "../scope.h"
#include "records.h"
#include "weights.h"

#define WEIGHTS "moonstem.weights_file"
#define CHECKPOINT "moonstem.tensorflow"

static void release_weights(void *file)
{
  ms_safetensors_close(file);
}

static void release_checkpoint(void *file)
{
  ms_tensorflow_close(file);
}

void lms_weights_types(lua_State *L)
{
  lms_type(L, WEIGHTS, NULL, release_weights);
  lms_type(L, CHECKPOINT, NULL, release_checkpoint);
}

/* What a file says of one tensor, under the given names of the fields. */
static void push_entry(lua_State *L, const char *name, const char *type_key, const char *type,
                       const char *size_key, int ndim, const size_t *dim)
{
  lua_createtable(L, 0, 3);
  lms_set_string(L, "name", name);
  lms_set_string(L, type_key, type);
  lms_push_sizes(L, ndim, dim);
  lua_setfield(L, -2, size_key);
}

/* ---- safetensors -------------------------------------------------------------------------- */
/* The safetensors file at 1, in a handle on the top; NULL and a message. */
static ms_safetensors *weights(lua_State *L, void ***handle)
{
  const char *path = lms_path(L, 1);
  *handle = lms_handle(L, WEIGHTS);
  return **handle = ms_safetensors_open(path);
}

/* The two results of the readers below; the file is closed. */
static int finish(lua_State *L, void **file)
{
  const ms_safetensors *s = *file;
  if (s->metadata) lms_push_json(L, s->metadata);
  else lua_newtable(L);
  lms_release(file, release_weights);
  return 2;
}

/** ms.io.load_safetensors(path) -> {name = tensor}, {name = string}; or nil and a message
    Weights and the file's metadata. Strict: the header is at most 100 MB, names are unique, and
    the tensors tile the data exactly. F32, F64, F16, BF16, whole numbers and booleans. A file of
    save_safetensors that is not as it was written is refused, by its checksums. */
int lms_io_load_safetensors(lua_State *L)
{
  void **file;
  const ms_safetensors *s = weights(L, &file);
  if (!s) return lms_refuse(L);
  if (ms_safetensors_verify(s) != 0) return lms_release(file, release_weights), lms_refuse(L);
  lua_newtable(L);
  for (size_t i = 0; i < s->count; i++) {
    ms_tensor *t = ms_safetensors_read(s, i);
    if (!t) return lms_release(file, release_weights), lms_refuse(L);
    lms_push_tensor(L, t);
    lua_setfield(L, -2, s->entry[i].name);
  }
  return finish(L, file);
}

/** ms.io.safetensors_info(path) -> list of {name=, type=, size=}, {name = string}; or nil and a
    message. What a weights file holds, without reading the numbers. */
int lms_io_safetensors_info(lua_State *L)
{
  void **file;
  const ms_safetensors *s = weights(L, &file);
  if (!s) return lms_refuse(L);
  lua_newtable(L);
  for (size_t i = 0; i < s->count; i++) {
    const ms_safetensor *e = &s->entry[i];
    push_entry(L, e->name, "type", e->type->name, "size", e->ndim, e->dim);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return finish(L, file);
}

/* The pairs of the table at 2, in a block on the top of the stack; raises. */
static ms_named_tensor *named_tensors(lua_State *L, size_t *count)
{
  *count = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) (*count)++;
  ms_named_tensor *list = lua_newuserdatauv(L, (*count + 1) * sizeof *list, 0);
  ms_named_tensor *next = list;
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    if (next == list + *count) /* a finalizer may do that */
      luaL_error(L, "save_safetensors: the table grew meanwhile");
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "save_safetensors: tensors are given as {name = tensor}");
    next->name = lua_tostring(L, -2);
    next->value = lms_test_tensor(L, -1);
    if (!next->value || strcmp(next->name, "__metadata__") == 0 ||
        strlen(next->name) != lua_rawlen(L, -2))
      luaL_error(L, "save_safetensors: %s cannot be saved: %s", next->name,
                 next->value ? "that name is taken" : "it is no tensor");
    next++;
  }
  return list;
}

/* Raises for metadata that are not UTF-8: their format has strings alone. */
static void check_metadata(lua_State *L, json_t *metadata)
{
  const char *name;
  json_t *value;
  json_object_foreach(metadata, name, value)
    if (!json_is_string(value))
      luaL_error(L, "save_safetensors: the metadata %s are not valid UTF-8 (ms.io.json_encode makes"
                 " text of any bytes)", name);
}

/** ms.io.save_safetensors(path, {name = tensor} [, {name = string}]) -> true, or nil and a message
    Weights sorted by name, with metadata strings, written atomically as float32. Checksums of the
    file are added to its metadata, as moonstem_crc32c; load_safetensors leaves them out. */
int lms_io_save_safetensors(lua_State *L)
{
  const char *path = lms_path(L, 1);
  size_t count;
  lua_settop(L, 3);
  json_t **metadata = lms_json_handle(L);
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1))
      if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
        return luaL_error(L, "save_safetensors: metadata is {name = string}");
    *metadata = lms_to_json(L, 3, "save_safetensors: metadata");
    if (!*metadata) return lms_raise(L);
    check_metadata(L, *metadata);
  }
  ms_named_tensor *list = named_tensors(L, &count);
  return lms_done(L, ms_safetensors_write(path, count, list, *metadata));
}

/* ---- TensorFlow's checkpoints --------------------------------------------------------------- */
/* The checkpoint whose prefix stands at 1, in a handle on the top; NULL and a message. */
static ms_tensorflow *checkpoint(lua_State *L, void ***handle)
{
  const char *prefix = lms_path(L, 1);
  *handle = lms_handle(L, CHECKPOINT);
  return **handle = ms_tensorflow_open(prefix);
}

/** ms.io.load_tensorflow(prefix) -> {name = tensor}, or nil and a message
    A checkpoint of PREFIX.index and its PREFIX.data files, under TensorFlow's own names
    (`layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE`). All checksums are verified.
    Floats, whole numbers and booleans; strings are left out; anything else is refused. */
int lms_io_load_tensorflow(lua_State *L)
{
  void **handle;
  ms_tensorflow *c = checkpoint(L, &handle);
  if (!c) return lms_refuse(L);
  lua_newtable(L);
  for (size_t i = 0; i < c->count; i++) {
    if (c->entry[i].text) continue;
    ms_tensor *t = ms_tensorflow_read(c, i);
    if (!t) return lms_release(handle, release_checkpoint), lms_refuse(L);
    lms_push_tensor(L, t);
    lua_setfield(L, -2, c->entry[i].name);
  }
  lms_release(handle, release_checkpoint);
  return 1;
}

/** ms.io.tensorflow_info(prefix) -> list of {name =, dtype =, shape =}, or nil and a message
    What a checkpoint holds, by name, from PREFIX.index alone: the data may be elsewhere. */
int lms_io_tensorflow_info(lua_State *L)
{
  void **handle;
  ms_tensorflow *c = checkpoint(L, &handle);
  if (!c) return lms_refuse(L);
  lua_newtable(L);
  for (size_t i = 0; i < c->count; i++) {
    const ms_tensorflow_entry *e = &c->entry[i];
    push_entry(L, e->name, "dtype", e->dtype, "shape", e->ndim, e->dim);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lms_release(handle, release_checkpoint);
  return 1;
}
