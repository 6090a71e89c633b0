/* Clipping of gradients in Lua. */
#include "clipping.h"

#include "../../optim/clip.h"
#include "../options.h"
#include "making.h"

/* The optimizer at index 1, or one that holds the list of parameters there; stays on the stack. */
static ms_optim *parameters(lua_State *L, const ms_optim_kind *kind)
{
  if (lua_type(L, 1) == LUA_TUSERDATA) return lms_check(L, 1, LMS_OPTIM);
  lms_expect_parameters(L, kind->name);
  return lms_push_optim(L, kind, 0);
}

static double limit(lua_State *L, const char *who)
{
  const double most = luaL_checknumber(L, 2);
  if (!(most >= 0)) luaL_error(L, "%s: the limit must be 0 or more, got %f", who, most);
  return most;
}

/** ms.optim.clip_grad_norm(params, limit, {norm_type = 2, error_if_nonfinite = false}) -> the norm
    of all gradients together, as it was: where it is above the limit, all are scaled to make it
    that, as PyTorch does. params: m:parameters() or an optimizer. norm_type = math.huge: the
    largest magnitude. A norm that is not finite makes all gradients so, or raises with
    error_if_nonfinite. To be called between loss:backward() and opt:step() */
static int clip_grad_norm(lua_State *L)
{
  static const ms_optim_kind list = { .name = "clip_grad_norm" };
  static const char *const known[] = { "norm_type", "error_if_nonfinite", NULL };
  lms_options(L, 3, list.name, known);
  const double power = lms_opt_number(L, 3, "norm_type", 2);
  const int strict = lms_opt_bool(L, 3, "error_if_nonfinite", 0);
  if (!(power > 0)) luaL_error(L, "%s: norm_type must be above 0, got %f", list.name, power);
  lua_settop(L, 3);
  const ms_optim *o = parameters(L, &list);
  const double most = limit(L, list.name), norm = ms_gradient_norm(o, power);
  lms_heed(L);
  if (strict && !isfinite(norm))
    luaL_error(L, "%s: the norm of the gradients is %f", list.name, norm);
  const double factor = most / (norm + 1e-6);
  if (!(factor >= 1)) ms_gradient_scale(o, factor);
  return lua_pushnumber(L, norm), 1;
}

/** ms.optim.clip_grad_value(params, limit) clamps every number of all gradients to -limit..limit.
    params: m:parameters() or an optimizer */
static int clip_grad_value(lua_State *L)
{
  static const ms_optim_kind list = { .name = "clip_grad_value" };
  const ms_optim *o = parameters(L, &list);
  ms_gradient_clamp(o, limit(L, list.name));
  return 0;
}

void lms_clipping(lua_State *L)
{
  static const lms_function functions[] = {
    { "clip_grad_norm", clip_grad_norm, 3 }, { "clip_grad_value", clip_grad_value, 2 },
    { NULL, NULL, 0 },
  };
  lms_functions(L, functions);
}
