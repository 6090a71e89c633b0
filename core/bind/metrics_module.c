/* The Lua module moonstem.core.metrics: scores that take more than Lua can do in time.
   ms.metrics checks what goes in. */
#include "../metrics/bss_eval.h"

#include "../base/memory.h"
#include "open.h"
#include "tensor_arg.h"

/* scores (sources, frames) as a list of lists. */
static void push_score(lua_State *L, const ms_bss_input *in, const double *scores)
{
  const size_t frames = ms_bss_frames(in);
  lua_createtable(L, (int)in->sources, 0);
  for (size_t j = 0; j < in->sources; j++) {
    lua_createtable(L, (int)frames, 0);
    for (size_t t = 0; t < frames; t++) {
      lua_pushnumber(L, scores[j * frames + t]);
      lua_rawseti(L, -2, (lua_Integer)t + 1);
    }
    lua_rawseti(L, -2, (lua_Integer)j + 1);
  }
}

/* bss_eval(references, estimates, window, hop, taps) -> SDR, ISR, SIR, SAR, each a list of sources
   of lists of frames. Signals (sources, samples, channels) of one size; NaN where undefined. */
static int bss_eval(lua_State *L)
{
  const ms_tensor *x = lms_hold(L, 1), *y = lms_hold(L, 2);
  luaL_argcheck(L, x->ndim == 3 && x->count > 0, 1, "(sources, samples, channels)");
  luaL_argcheck(L, y->ndim == 3 && y->count == x->count, 2, "of the same size");
  ms_bss_input in = { x->data, y->data, x->dim[0], x->dim[1], x->dim[2],
                      (size_t)luaL_checkinteger(L, 3), (size_t)luaL_checkinteger(L, 4),
                      (size_t)luaL_checkinteger(L, 5) };
  const size_t count = in.sources * ms_bss_frames(&in);
  double *scores = lua_newuserdatauv(L, MS_BSS_SCORES * count * sizeof *scores, 0);
  if (ms_bss_eval(&in, scores) != 0) return lms_raise(L);
  lms_heed(L);
  for (size_t k = 0; k < MS_BSS_SCORES; k++) push_score(L, &in, scores + k * count);
  return MS_BSS_SCORES;
}

static const lms_function functions[] = { { "bss_eval", bss_eval, 5 }, { NULL, NULL, 0 } };

int lms_open_metrics(lua_State *L)
{
  lms_library(L, functions);
  return 1;
}
