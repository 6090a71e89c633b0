/* x[...] read and written, by Torch7's rules: a position, a table of positions and ranges, a mask,
   or a tensor of positions. */
#include "indexing.h"

#include "../../../base/error.h"
#include "../../../base/interrupt.h"
#include "../../../ops/shape/key.h"
#include "../../../ops/shape/region.h"
#include "../../scope.h"
#include "../../words.h"
#include "in_place.h"
#include "../nested.h"

/* ---- tables: a position or a range for each dimension --------------------------------------- */
static const char SHAPE_OF_KEYS[] =
    "a table of positions and ranges, such as x[{ 2, { 1, 3 }, {} }]";

/* The whole number at `index`, as a position from 0 along dimension d. */
static size_t position(lua_State *L, int index, const ms_tensor *x, int d)
{
  int whole;
  const lua_Integer i = lua_tointegerx(L, index, &whole), size = (lua_Integer)x->dim[d];
  if (!whole || lua_type(L, index) != LUA_TNUMBER)
    luaL_error(L, "x[...]: a position is a whole number, got %s", lms_describe(L, index));
  const lua_Integer at = i < 0 ? size + i : i - 1;
  if (at < 0 || at >= size)
    luaL_error(L, "x[...]: position %I is outside 1..%I of dimension %d", (LUAI_UACINT)i,
               (LUAI_UACINT)size, d + 1);
  return (size_t)at;
}

/* Raises unless the table at `index` is a plain list of at most so many values. */
static int list_length(lua_State *L, int index, int most, const char *what)
{
  const lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  lua_Integer keys = 0;
  if (n > most) luaL_error(L, "x[...]: %s has at most %d, got %I", what, most, (LUAI_UACINT)n);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) keys++;
  if (keys != n)
    luaL_error(L, "x[...]: %s is expected, got a table with gaps or names; {} is a whole dimension",
               SHAPE_OF_KEYS);
  return (int)n;
}

/* Fills count from the first, last and step of dimension d. */
static void count_range(lua_State *L, ms_region *r, int d, size_t last, lua_Integer step)
{
  const size_t first = r->first[d];
  if (step == 0) {
    luaL_error(L, "x[...]: the step of a range must not be 0");
    return; /* not reached */
  }
  if (step > 0 ? last < first : last > first)
    luaL_error(L, "x[...]: the range { %I, %I, %I } leads nowhere; a step below 0 runs backwards",
               (LUAI_UACINT)first + 1, (LUAI_UACINT)last + 1, (LUAI_UACINT)step);
  const size_t far = step > 0 ? last - first : first - last;
  const size_t pace = step > 0 ? (size_t)step : (size_t)0 - (size_t)step;
  r->count[d] = far / pace + 1;
  r->step[d] = r->count[d] == 1 ? 1 : (ptrdiff_t)step;
}

/* The range in the table on the top: {}, {i}, {first, last} or {first, last, step}. */
static void read_range(lua_State *L, const ms_tensor *x, int d, ms_region *r)
{
  const int table = lua_gettop(L), n = list_length(L, table, 3, "a range {first, last, step}");
  if (n == 0) return;
  for (int i = 1; i <= n; i++) lua_rawgeti(L, table, i);
  r->first[d] = position(L, table + 1, x, d);
  const size_t last = n > 1 ? position(L, table + 2, x, d) : r->first[d];
  int whole = 1;
  const lua_Integer step = n > 2 ? lua_tointegerx(L, table + 3, &whole) : 1;
  if (!whole || (n > 2 && lua_type(L, table + 3) != LUA_TNUMBER))
    luaL_error(L, "x[...]: the step of a range is a whole number, got %s",
               lms_describe(L, table + 3));
  count_range(L, r, d, last, step);
  lua_settop(L, table);
}

static void one_position(ms_region *r, int d, size_t at)
{
  r->first[d] = at;
  r->count[d] = 1;
  r->step[d] = 0;
}

/* The key at 2, a number or a table, as a region of x; returns how many dimensions are left. */
static int read_region(lua_State *L, const ms_tensor *x, ms_region *r)
{
  const int is_table = lua_type(L, 2) == LUA_TTABLE;
  if (x->ndim == 0 && !is_table)
    luaL_error(L, "x[...]: x has no dimensions; its number is x:item()");
  luaL_checkstack(L, 16, "x[...]");
  *r = ms_region_all(x);
  if (!is_table) return one_position(r, 0, position(L, 2, x, 0)), x->ndim - 1;
  const int n = list_length(L, 2, x->ndim, "a key of this tensor");
  int left = x->ndim;
  for (int d = 0; d < n; d++, lua_pop(L, 1)) {
    const int type = lua_rawgeti(L, 2, d + 1);
    if (type == LUA_TTABLE) read_range(L, x, d, r);
    else if (type == LUA_TNUMBER) one_position(r, d, position(L, -1, x, d)), left--;
    else
      luaL_error(L, "x[...]: dimension %d takes a position, a range such as {2, 5}, or {}, got "
                 "%s%s", d + 1, lms_describe(L, -1),
                 type == LUA_TUSERDATA ? "; x:index_select(axis, t) takes positions" : "");
  }
  return left;
}

static size_t offset_of(const ms_tensor *x, const ms_region *r)
{
  size_t at = 0;
  for (int d = 0; d < x->ndim; d++) at = at * x->dim[d] + r->first[d];
  return at;
}

/* ---- reading -------------------------------------------------------------------------------- */
static int read_plain(lua_State *L)
{
  ms_region r;
  ms_tensor *x = lms_tensor(L, 1);
  if (read_region(L, x, &r) == 0 && x->ndim > 0) {
    lua_pushnumber(L, (lua_Number)x->data[offset_of(x, &r)]);
    return 1;
  }
  return lms_push_tensor(L, ms_region_read(x, &r));
}

/* Calls a method: the object and its arguments are the top `n` values; one result stays. */
static void call_method(lua_State *L, int methods, const char *name, int n)
{
  lua_getfield(L, methods, name);
  lua_insert(L, -n - 1);
  lua_call(L, n, 1);
}

/* Pushes the tensor at `index` under another shape. */
static void push_shaped(lua_State *L, int methods, int index, int ndim, const size_t *dim)
{
  lua_pushvalue(L, index);
  lua_createtable(L, ndim, 0);
  for (int d = 0; d < ndim; d++) {
    lua_pushinteger(L, (lua_Integer)dim[d]);
    lua_rawseti(L, -2, d + 1);
  }
  call_method(L, methods, "reshape", 2);
}

/* x[mask] where the mask is one of x's first dimensions: rows at the positions of its ones. */
static void push_rows_of_mask(lua_State *L, int methods)
{
  const ms_tensor *x = lms_tensor(L, 1), *mask = lms_tensor(L, 2);
  size_t dim[MS_MAX_DIMS] = { mask->count };
  int ndim = 1;
  for (int d = mask->ndim; d < x->ndim; d++) dim[ndim++] = x->dim[d];
  push_shaped(L, methods, 1, ndim, dim);
  lua_pushinteger(L, 1);
  lms_push_tensor(L, ms_mask_positions(lms_tensor(L, 2)));
  call_method(L, methods, "index_select", 3);
}

static void push_masked(lua_State *L, int methods)
{
  if (lms_tensor(L, 1)->ndim != lms_tensor(L, 2)->ndim) {
    push_rows_of_mask(L, methods);
    return;
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  call_method(L, methods, "masked_select", 2);
}

/* x[positions]: of the shape of the positions and the rest of x's. */
static void push_rows(lua_State *L, int methods)
{
  const ms_tensor *x = lms_tensor(L, 1), *at = lms_tensor(L, 2);
  size_t dim[2 * MS_MAX_DIMS];
  int ndim = 0;
  for (int d = 0; d < at->ndim; d++) dim[ndim++] = at->dim[d];
  for (int d = 1; d < x->ndim; d++) dim[ndim++] = x->dim[d];
  if (ndim > MS_MAX_DIMS)
    luaL_error(L, "x[positions]: a tensor has at most %d dimensions", MS_MAX_DIMS);
  const int flat = at->ndim == 1;
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 1);
  if (flat) lua_pushvalue(L, 2);
  else push_shaped(L, methods, 2, 1, &at->count);
  call_method(L, methods, "index_select", 3);
  if (!flat) push_shaped(L, methods, lua_gettop(L), ndim, dim);
}

static int read_by_tensor(lua_State *L, int methods)
{
  const ms_key_kind kind = ms_key_kind_of(lms_tensor(L, 1), lms_tensor(L, 2));
  if (kind == MS_KEY_WRONG) return lms_raise(L);
  luaL_checkstack(L, 16, "x[...]");
  if (kind == MS_KEY_MASK) push_masked(L, methods);
  else push_rows(L, methods);
  return 1;
}

static int wrong_key(lua_State *L)
{
  return luaL_error(L, "x[...]: a position, %s, a mask or a tensor of positions is expected, "
                    "got %s", SHAPE_OF_KEYS, lms_describe(L, 2));
}

int lms_index_read(lua_State *L, int methods)
{
  const int type = lua_type(L, 2);
  if (type == LUA_TNUMBER || type == LUA_TTABLE) return read_plain(L);
  return lms_tensor_handle_at(L, 2) ? read_by_tensor(L, methods) : wrong_key(L);
}

/* ---- writing -------------------------------------------------------------------------------- */
static int write_plain(lua_State *L, ms_tensor *x)
{
  ms_region r;
  const int left = read_region(L, x, &r);
  if (left == 0 && x->ndim > 0 && lua_type(L, 3) == LUA_TNUMBER) {
    x->data[offset_of(x, &r)] = (real)lua_tonumber(L, 3);
    return 0;
  }
  lms_to_tensor(L, 3, "x[...] = value");
  const ms_tensor *value = lms_operand(L, 3, "x[...] = value");
  x = lms_tensor(L, 1);
  ms_stop_hold(1);
  const int status = ms_region_write(x, &r, value);
  ms_stop_hold(-1);
  return status;
}

static int write_by_tensor(lua_State *L)
{
  lms_to_tensor(L, 3, "x[...] = value");
  ms_tensor *x = lms_tensor(L, 1), *key = lms_tensor(L, 2);
  ms_tensor *value = lms_operand(L, 3, "x[...] = value");
  const ms_key_kind kind = ms_key_kind_of(x, key);
  if (kind == MS_KEY_WRONG) return -1;
  return kind == MS_KEY_MASK ? ms_mask_write(x, key, value) : ms_rows_write(x, key, value);
}

static int no_field(lua_State *L)
{
  const char *name = lua_tostring(L, 2);
  return luaL_error(L, "x.%s: fields of a tensor cannot be written; x[...] = value writes numbers, "
                       "x:zero_grad() lets its gradient go", name);
}

int lms_index_write(lua_State *L)
{
  const int type = lua_type(L, 2);
  if (type == LUA_TSTRING) return no_field(L);
  ms_tensor *x = lms_writable(L, 1, "x[...] = value");
  const int by_tensor = lms_tensor_handle_at(L, 2) != NULL;
  if (!by_tensor && type != LUA_TNUMBER && type != LUA_TTABLE) return wrong_key(L);
  const int status = by_tensor ? write_by_tensor(L) : write_plain(L, x);
  if (status != 0) return lms_raise(L);
  ms_tensor_changed(lms_tensor(L, 1));
  return 0;
}

int lms_index_length(lua_State *L)
{
  const ms_tensor *x = lms_tensor(L, 1);
  if (!x->ndim) return luaL_error(L, "#x: x has no dimensions");
  lua_pushinteger(L, (lua_Integer)x->dim[0]);
  return 1;
}
