/* The different numbers of a tensor, for moonstem.tensor.choosing. */
#include "different_numbers.h"

#include "../../kernels/choose/sorting.h"
#include "../../ops/choose/different.h"
#include "../../ops/choose/positions.h"
#include "../scope.h"

/* f(x) -> the different numbers of x in rising order, the place of each number of x among them, in
   its shape, and how often each is there */
static int different(lua_State *L)
{
  enum { X = 1, AT, LIST, PLACE, COUNTS };
  lua_settop(L, X);
  const size_t n = lms_tensor(L, X)->count;
  if (ms_positions_fit("unique", n) != 0) return lms_raise(L);
  lms_push_tensor(L, ms_tensor_new(1, &n));
  if (ms_k_sorting()->sort((ms_span){ 1, n, 1 }, lms_tensor(L, X)->data, lms_tensor(L, AT)->data,
                           0) != 0)
    return lms_raise(L);
  lms_heed(L);
  const size_t many = ms_different_count(lms_tensor(L, X), lms_tensor(L, AT));
  lms_push_tensor(L, ms_tensor_new(1, &many));
  lms_push_tensor(L, ms_tensor_like(lms_tensor(L, X)));
  lms_push_tensor(L, ms_tensor_new(1, &many));
  /* pushing may have run a script's finalizers: all are looked at anew */
  ms_different(lms_tensor(L, X), lms_tensor(L, AT), many, lms_tensor(L, LIST)->data,
               lms_tensor(L, PLACE)->data, lms_tensor(L, COUNTS)->data);
  return 3;
}

void lms_different_numbers(lua_State *L)
{
  lua_pushcfunction(L, different);
  lua_setfield(L, -2, "different");
}
