/* Arithmetic between tensors and numbers, for the metatable: with a number it is an affine map
   where it can be. */
#include "arithmetic.h"

#include "../../ops/ops.h"
#include "../scope.h"
#include "nested.h"

static int binary(lua_State *L, ms_binary_kind kind)
{
  lms_to_tensor(L, 1, "arithmetic");
  lms_to_tensor(L, 2, "arithmetic");
  return lms_push_tensor(L, ms_binary(kind, lms_tensor(L, 1), lms_tensor(L, 2)));
}

static int is_number(lua_State *L, int arg)
{
  return lua_type(L, arg) == LUA_TNUMBER;
}

static int affine(lua_State *L, int tensor, double scale, double offset)
{
  return lms_push_tensor(L, ms_affine(lms_tensor(L, tensor), scale, offset));
}

static int add(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, 1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, lua_tonumber(L, 2));
  return binary(L, MS_BINARY_add);
}

static int sub(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, -1, lua_tonumber(L, 1));
  if (is_number(L, 2)) return affine(L, 1, 1, -lua_tonumber(L, 2));
  return binary(L, MS_BINARY_sub);
}

static int mul(lua_State *L)
{
  if (is_number(L, 1)) return affine(L, 2, lua_tonumber(L, 1), 0);
  if (is_number(L, 2)) return affine(L, 1, lua_tonumber(L, 2), 0);
  return binary(L, MS_BINARY_mul);
}

static int divide(lua_State *L)
{
  if (is_number(L, 2)) return affine(L, 1, 1 / lua_tonumber(L, 2), 0);
  return binary(L, MS_BINARY_div);
}

static int power(lua_State *L)
{
  return binary(L, MS_BINARY_pow);
}

static int floor_divide(lua_State *L)
{
  return binary(L, MS_BINARY_floor_divide);
}

static int remainder_of(lua_State *L)
{
  return binary(L, MS_BINARY_remainder);
}

static int negative(lua_State *L)
{
  return affine(L, 1, -1, 0);
}

/* Lua makes booleans of what < and <= give, which a mask is not. */
static int compare(lua_State *L)
{
  return luaL_error(L, "tensors are compared number by number, "
                       "by x:lt(y), x:le(y), x:gt(y), x:ge(y)");
}

void lms_arithmetic(lua_State *L)
{
  static const luaL_Reg meta[] = { { "__add", add }, { "__sub", sub }, { "__mul", mul },
                                   { "__div", divide }, { "__unm", negative },
                                   { "__pow", power }, { "__idiv", floor_divide },
                                   { "__mod", remainder_of },
                                   { "__lt", compare }, { "__le", compare }, { NULL, NULL } };
  luaL_setfuncs(L, meta, 0); /* Lua itself calls them, some with more than they use */
}
