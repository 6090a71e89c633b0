/* Optimizers from a list of parameters and a table of options. */
#ifndef MS_MAKING_H
#define MS_MAKING_H

#include "../../optim/optim.h"
#include "../tensor_arg.h"

#define LMS_OPTIM "moonstem.optimizer"

/* Raises unless the value at index 1 is a list of parameters. */
void lms_expect_parameters(lua_State *L, const char *who);

/* Pushes an optimizer over the list at index 1: tensors that collect gradients, or
   { name =, value = }. One that is there already is the same parameter. User value 1 is the list of
   entries that were taken. groups: the index of the list of groups, or 0. */
ms_optim *lms_push_optim(lua_State *L, const ms_optim_kind *kind, int groups);

/* (params, options) -> an optimizer of the kind; pushes it. */
int lms_make_optim(lua_State *L, const ms_optim_kind *kind);

/* Pushes the name of entry i of a list of parameters: "3" where it has none. */
const char *lms_push_parameter_name(lua_State *L, int list, lua_Integer i);

/* Option number `row` of the kind as a value of Lua; from the value at `index`, or raises. */
void lms_push_option(lua_State *L, const ms_optim_kind *kind, int row, ms_optim_values *values);
double lms_check_option(lua_State *L, const ms_optim_kind *kind, int row, int index);

/* Raises about values that do not go together. */
void lms_check_values(lua_State *L, const ms_optim_kind *kind, const ms_optim_values *values);

#endif
