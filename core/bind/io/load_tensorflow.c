/* ms.io: TensorFlow's checkpoints. */
#include "../../io/foreign/tensorflow.h"
#include "../options.h"
#include "../scope.h"
#include "load_tensorflow.h"

#define CHECKPOINT "moonstem.tensorflow"

static void release(void *file)
{
  ms_tensorflow_close(file);
}

void lms_tensorflow_type(lua_State *L)
{
  lms_type(L, CHECKPOINT, NULL, release);
}

/* The checkpoint whose prefix stands at 1, in a handle on the top; NULL and a message. */
static ms_tensorflow *checkpoint(lua_State *L, void ***handle)
{
  const char *prefix = lms_path(L, 1);
  *handle = lms_handle(L, CHECKPOINT);
  return **handle = ms_tensorflow_open(prefix);
}

static int finish(void **handle, int results)
{
  ms_tensorflow_close(*handle);
  *handle = NULL;
  return results;
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
    if (!t) return finish(handle, lms_refuse(L));
    lms_push_tensor(L, t);
    lua_setfield(L, -2, c->entry[i].name);
  }
  return finish(handle, 1);
}

static void push_entry(lua_State *L, const ms_tensorflow_entry *e)
{
  lua_createtable(L, 0, 3);
  lua_pushstring(L, e->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, e->dtype);
  lua_setfield(L, -2, "dtype");
  lua_createtable(L, e->ndim, 0);
  for (int d = 0; d < e->ndim; d++) {
    lua_pushinteger(L, (lua_Integer)e->dim[d]);
    lua_rawseti(L, -2, d + 1);
  }
  lua_setfield(L, -2, "shape");
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
    push_entry(L, &c->entry[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return finish(handle, 1);
}
